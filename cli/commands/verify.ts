import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { verify as compare, type Row, type Verification } from "../../runtime/verify/verify.js";
import { pickEngine } from "../engine.js";
import { ExitCode } from "../exit-codes.js";
import { couldNotRun } from "../failure.js";
import { accept, openSpec } from "../load.js";
import { table } from "../numbers.js";
import { engineOption } from "../options.js";
import { print, printLine, say } from "../output.js";

interface Options {
  readonly against: string;
  readonly engine?: string;
  readonly json?: true;
}

/** One fixture and what came of it. `undefined`: no spec holds it yet. */
interface Held {
  readonly fixture: string;
  readonly verification: Verification | undefined;
}

export function verify(program: Command): void {
  program
    .command("verify")
    .summary("hold a spec against stored numbers")
    .description(
      "Loads the weights of a fixture through the `layout … for PLAN` of the spec, feeds its inputs, and compares every output and gradient " +
        "the layout names. Given two folders, each fixture is held against the spec of the same name.",
    )
    .argument("<file>", "a spec, or a folder of specs")
    .requiredOption("--against <stem>", "the fixture without its ending, or a folder of fixtures")
    .addOption(engineOption())
    .option("--json", "print the rows as JSON")
    .action(runVerify);
}

async function runVerify(file: string, options: Options): Promise<void> {
  const folders = existsSync(file) && statSync(file).isDirectory();
  const held = folders
    ? await holdAll(file, options)
    : [{ fixture: options.against, verification: await holdOne(file, options.against, options) }];
  if (options.json) print(`${JSON.stringify(held, undefined, 2)}\n`);
  else if (folders) printSummary(held);
  else printRows(held[0]?.verification);
  if (held.some((h) => h.verification && !passed(h.verification))) process.exitCode = ExitCode.specErrors;
}

function passed(v: Verification): boolean {
  return v.rows.length > 0 && v.rows.every((r) => r.verdict === "ok");
}

async function holdAll(specs: string, options: Options): Promise<Held[]> {
  const held: Held[] = [];
  for (const stem of stemsIn(options.against)) {
    const name = relative(options.against, stem);
    const spec = join(specs, `${name}.dit`);
    const verification = existsSync(spec) ? await holdOne(spec, stem, options) : undefined;
    if (!options.json && verification) say(`${name}  ${passed(verification) ? "ok" : "differs"}`);
    held.push({ fixture: name, verification });
  }
  if (held.length === 0) throw couldNotRun(`\`${options.against}\` holds no fixtures`);
  return held;
}

function stemsIn(folder: string): string[] {
  if (!existsSync(folder)) throw couldNotRun(`there is no folder \`${folder}\``);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".safetensors"))
    .map((f) => join(folder, f.slice(0, -".safetensors".length)))
    .sort();
}

async function holdOne(file: string, stem: string, options: Options): Promise<Verification> {
  const { Safetensors, readSafetensors } = await import("../../runtime/checkpoint/safetensors.js");
  const { tolerances } = await import("../../runtime/verify/compare.js");
  const opened = await openSpec(file);
  const path = stem.endsWith(".safetensors") ? stem : `${stem}.safetensors`;
  const { tensors } = await readSafetensors(path);
  const cases = accept(opened.path, opened.compiler.compileFixtures(opened.spec, tensors));
  if (cases.length === 0)
    throw couldNotRun(`\`${file}\` has no \`layout NAME for PLAN\`: nothing says what the fixture's names mean`);
  const engine = await pickEngine(options.engine ?? "reference");
  const fixture = await Safetensors.open(path);
  try {
    return await compare(cases, fixture, engine, tolerances[engine.precision]);
  } finally {
    await fixture.close();
  }
}

function printRows(v: Verification | undefined): void {
  if (!v) return;
  const plans = new Set(v.rows.map((r) => r.plan)).size > 1;
  print(
    table(
      v.rows.map((r) => [...(plans ? [r.plan] : []), r.name, figure(r), verdict(r)]),
      [plans ? 2 : 1],
    ),
  );
  if (v.notCompared.length > 0) printLine(`not compared: ${v.notCompared.join(", ")}`);
  const bad = v.rows.filter((r) => r.verdict !== "ok").length;
  printLine(`${v.rows.length - bad} agree, ${bad} do not, ${v.notCompared.length} not compared`);
}

function figure(r: Row): string {
  return r.error === undefined ? "-" : r.error.toExponential(1);
}

function verdict(r: Row): string {
  return r.note ? `${r.verdict}: ${r.note}` : r.verdict;
}

/** A line a fixture, then the counts. */
function printSummary(held: readonly Held[]): void {
  const rows = held.map(({ fixture, verification: v }) => {
    if (!v) return [fixture, "", "", "not covered yet"];
    const worst = Math.max(0, ...v.rows.map((r) => r.error ?? 0));
    const outputs = v.notCompared.filter((n) => n.startsWith("output/") || n.startsWith("grad/"));
    const rest = outputs.length > 0 ? `; not compared: ${outputs.join(", ")}` : "";
    return [
      fixture,
      `${v.rows.filter((r) => r.verdict === "ok").length}/${v.rows.length}`,
      worst.toExponential(1),
      `${passed(v) ? "ok" : "differs"}${rest}`,
    ];
  });
  print(table([["fixture", "agree", "worst", "verdict"], ...rows], [1, 2]));
  const compared = held.filter((h) => h.verification);
  const good = compared.filter((h) => h.verification && passed(h.verification)).length;
  printLine(
    `${compared.length} fixtures compared, ${good} passed, ${compared.length - good} failed, ${held.length - compared.length} not covered yet`,
  );
}
