import type { Command } from "commander";
export function verify(program: Command): void {
  program.command("verify").summary("compare a spec with stored numbers").argument("<file>");
}
