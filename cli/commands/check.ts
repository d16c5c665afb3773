import { setFlagsFromString } from "node:v8";
import { type Command, Option } from "commander";
import { applyFixes } from "../../compiler/diagnostics/apply-fixes.js";
import { countsOf, type Report, reportOf, summaryOf } from "../../compiler/diagnostics/findings.js";
import type { Diagnostic } from "../../grammar/diagnostic.js";
import { type Compiler, loadCompiler, type Settings, type Spec } from "../compiler.js";
import { costLine } from "../cost-text.js";
import { ExitCode } from "../exit-codes.js";
import { specsIn } from "../files.js";
import { DiskHost } from "../host.js";
import { setOption, wholeNumber } from "../options.js";
import { paletteOf, print, printLine, say } from "../output.js";
import { version } from "../package.js";

const formats = ["pretty", "json", "sarif", "github", "junit"] as const;

interface Options {
  readonly format: (typeof formats)[number];
  readonly maxWarnings?: number;
  readonly fix?: true;
  readonly set?: Settings;
}

export function check(program: Command): void {
  program
    .command("check")
    .summary("find mistakes; print parameters, FLOPs and memory")
    .description("Checks specs: the given files, or every .dit file in the given folders (here, if none is given).")
    .argument("[path...]", "files and folders")
    .addOption(new Option("--format <format>", "how to print what is found").choices(formats).default("pretty"))
    .option("--max-warnings <n>", "end with 5 if there are more warnings", wholeNumber(0))
    .option("--fix", "apply the fixes that are offered, then check again")
    .addOption(setOption())
    .action(runCheck);
}

async function runCheck(paths: string[], options: Options): Promise<void> {
  const files = specsIn(paths);
  // A check is short: the young heap grows at once, and one spec is done before code that V8 compiles a second time would pay back.
  setFlagsFromString("--semi-space-growth-factor=16");
  if (files.length === 1) setFlagsFromString("--no-opt");
  const compiler = await loadCompiler();
  if (options.fix) await fixAll(compiler, files, options);
  const checked = checkAll(compiler, files, options);
  const report = reportOf(
    files,
    checked.flatMap(({ diagnostics }) => diagnostics),
  );
  const costs =
    options.format === "pretty"
      ? checked.flatMap(({ file, spec }) => (spec ? costLine(file, compiler.cost(spec)) : []))
      : [];
  await printReport(report, costs, options.format);
  const counts = countsOf(report);
  if (counts.errors) process.exitCode = ExitCode.specErrors;
  else if (options.maxWarnings !== undefined && counts.warnings > options.maxWarnings) {
    process.exitCode = ExitCode.tooManyWarnings;
    say(`${counts.warnings} warnings are more than --max-warnings ${options.maxWarnings} allows`);
  }
}

interface Checked {
  readonly file: string;
  /** Without errors only. */
  readonly spec: Spec | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

function checkAll(compiler: Compiler, files: readonly string[], { set = {} }: Options): Checked[] {
  const host = new DiskHost();
  return files.map((file) => {
    const { value, diagnostics } = compiler.loadSpec(file, host, { set, abridge: true });
    return { file, spec: diagnostics.some((d) => d.severity === "error") ? undefined : value, diagnostics };
  });
}

/** A fix can uncover the next mistake; a few rounds settle it. */
async function fixAll(compiler: Compiler, files: readonly string[], options: Options): Promise<void> {
  const { writeWhole } = await import("../../runtime/files.js");
  let fixes = 0;
  const changed = new Set<string>();
  for (let round = 0; round < 10; round++) {
    const { diagnostics } = reportOf(
      files,
      checkAll(compiler, files, options).flatMap((one) => one.diagnostics),
    );
    const { texts, applied } = applyFixes(diagnostics, ({ path }) => !path.startsWith("std/"));
    if (!texts.size) break;
    for (const [source, text] of texts) {
      writeWhole(source.path, text);
      changed.add(source.path);
    }
    fixes += applied.length;
  }
  if (fixes) say(`fixed ${fixes} ${fixes === 1 ? "mistake" : "mistakes"} in ${[...changed].join(", ")}`);
}

async function printReport(report: Report, costs: readonly string[], format: Options["format"]): Promise<void> {
  switch (format) {
    case "pretty": {
      const { renderPretty } = await import("../../compiler/diagnostics/render/pretty.js");
      const palette = paletteOf(process.stdout);
      if (report.diagnostics.length) printLine(renderPretty(report, palette));
      for (const line of costs) printLine(line);
      return printLine(summaryOf(countsOf(report)));
    }
    case "json":
      return print((await import("../../compiler/diagnostics/render/json.js")).renderJson(report));
    case "sarif":
      return print((await import("../../compiler/diagnostics/render/sarif.js")).renderSarif(report, version()));
    case "github":
      print((await import("../../compiler/diagnostics/render/github.js")).renderGithub(report));
      return say(summaryOf(countsOf(report)));
    case "junit":
      return print((await import("../../compiler/diagnostics/render/junit.js")).renderJunit(report));
  }
}
