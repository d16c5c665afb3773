import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { countsOf, reportOf, summaryOf } from "../../compiler/diagnostics/findings.js";
import { renderPretty } from "../../compiler/diagnostics/render/pretty.js";
import type { Diagnostic } from "../../grammar/diagnostic.js";
import { SourceFile } from "../../grammar/source.js";
import { writeWhole } from "../../runtime/files.js";
import { ExitCode } from "../exit-codes.js";
import { specsIn } from "../files.js";
import { paletteOf, printLine, say } from "../output.js";

export function fmt(program: Command): void {
  program
    .command("fmt")
    .summary("print specs in their one canonical form")
    .description(
      "Rewrites specs in canonical form; prints the names of those that changed. Broken specs stay as they are.",
    )
    .argument("[path...]", "files and folders (here, if none is given)")
    .option("--check", "write nothing; end with 6 if a file is not in canonical form")
    .action(runFmt);
}

async function runFmt(paths: string[], options: { check?: true }): Promise<void> {
  const { format } = await import("../../grammar/format.js");
  const files = specsIn(paths);
  const broken: Diagnostic[] = [];
  let changed = 0;
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const { value, diagnostics } = format(new SourceFile(file, text));
    if (value === undefined) broken.push(...diagnostics);
    if (value === undefined || value === text) continue;
    changed++;
    if (!options.check) writeWhole(file, value);
    printLine(file);
  }
  if (broken.length) {
    const report = reportOf(files, broken);
    say(renderPretty(report, paletteOf(process.stderr)));
    say(summaryOf(countsOf(report)));
    process.exitCode = ExitCode.specErrors;
    return;
  }
  const verb = options.check ? "not formatted" : "formatted";
  if (changed) say(`${changed} of ${files.length} files ${verb}`);
  if (changed && options.check) process.exitCode = ExitCode.notFormatted;
}
