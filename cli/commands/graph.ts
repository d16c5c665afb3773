import type { Command } from "commander";
export function graph(program: Command): void {
  program.command("graph").summary("compare a spec with stored numbers").argument("<file>");
}
