import type { Command } from "commander";
export function train(program: Command): void {
  program.command("train").summary("compare a spec with stored numbers").argument("<file>");
}
