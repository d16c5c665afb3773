import type { Command } from "commander";
export function sample(program: Command): void {
  program.command("sample").summary("compare a spec with stored numbers").argument("<file>");
}
