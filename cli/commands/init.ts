import { constants, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { declined } from "../failure.js";
import { printLine, say } from "../output.js";
import { packageRoot } from "../package.js";

export function init(program: Command): void {
  program
    .command("init")
    .summary("write a spec to start from")
    .description("Writes quickstart.dit into a folder; a file that is there stays as it is.")
    .argument("[dir]", "the folder, made if it is not there", ".")
    .action((folder: string) => {
      const target = join(folder, "quickstart.dit");
      mkdirSync(folder, { recursive: true });
      try {
        copyFileSync(join(packageRoot(), "examples", "quickstart.dit"), target, constants.COPYFILE_EXCL);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EEXIST")
          throw declined(
            `\`${target}\` is there already; nothing was written`,
            "`dit init OTHER_DIR` writes it elsewhere",
          );
        throw error;
      }
      printLine(target);
      say(`next: dit check ${target}; dit train ${target}`);
    });
}
