/**
 * `npm run parity:page`, after a build: docs/parity.md, every fixture held by the spec of its name, on the engines named, or those that need nothing. What was
 * measured here, not what a text says: minutes.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface Row {
  readonly name: string;
  readonly error?: number;
  readonly verdict: string;
}

interface Held {
  readonly fixture: string;
  readonly verification?: { readonly rows: readonly Row[] };
}

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

function verify(engine: string): Held[] | undefined {
  const args = [command, "verify", "spec/parity", "--against", "spec/golden", "--engine", engine, "--json"];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // 2: the engine is not there.
  return status === 2 ? undefined : (JSON.parse(stdout) as Held[]);
}

function worst({ verification }: Held): string {
  if (!verification) return "not covered";
  const failed = verification.rows.filter((row) => row.verdict !== "ok");
  if (failed.length > 0) return `**${failed.length} differ**`;
  const error = Math.max(0, ...verification.rows.map((row) => row.error ?? 0));
  return error.toExponential(0);
}

/** `tensorflow` can be asked for: it prepares each graph for seconds, a quarter of an hour in all. */
const engines = process.argv.length > 2 ? process.argv.slice(2) : ["reference", "onnx"];
const held = engines.flatMap((engine) => {
  const all = verify(engine);
  return all ? [{ engine, all }] : [];
});
const [first] = held;
if (!first) throw new Error("no engine is there");
const rows = first.all.map(({ fixture, verification }, i) => {
  const errors = held.map(({ all }) => (all[i] ? worst(all[i]) : ""));
  const link = verification ? `[${fixture}](../spec/parity/${fixture}.dit)` : fixture;
  return `| ${link} | ${verification?.rows.length ?? 0} | ${errors.join(" | ")} |`;
});
const page = [
  "# Parity with the official implementations",
  "",
  "Every fixture of `spec/golden` (numbers that the official programs gave, in 64 bits) held against the spec of the same name: how many tensors",
  "are compared, and the largest error among them, relative to the largest entry of its tensor. The fixtures store 32 bits, so 6e-8 is as good as",
  "equal; allowed are 1e-6 on `reference` and 1e-4 on the engines that compute in 32 bits. `npm run parity` compares, `npm run parity:page` writes this page.",
  "",
  `| fixture | tensors | ${held.map(({ engine }) => engine).join(" | ")} |`,
  `| --- | --- | ${held.map(() => "---").join(" | ")} |`,
  ...rows,
  "",
].join("\n");
writeFileSync(fileURLToPath(new URL("../docs/parity.md", import.meta.url)), page);
