import { statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import type { Command } from "commander";
import { ExitCode } from "../exit-codes.js";
import { bytes, table } from "../numbers.js";
import { paletteOf, print, printLine } from "../output.js";
import { version } from "../package.js";

/** Packages that something needs at run time, and what. */
const packages = {
  "onnxruntime-node": "the engine `onnx`",
  sharp: "folders of pictures, grids of samples",
  mnist: "the data `Digits`",
  ajv: "plans and checkpoints",
};

interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly detail: string;
}

export function doctor(program: Command): void {
  program
    .command("doctor")
    .summary("what works on this machine")
    .description("Says which engines and packages work here, what is missing and what to do about it.")
    .option("--json", "print JSON")
    .action(runDoctor);
}

async function runDoctor(options: { json?: true }): Promise<void> {
  const { availability } = await import("../../runtime/engines/index.js");
  const engines = await availability();
  const findings: Finding[] = [
    nodeFinding(),
    {
      ok: true,
      what: "machine",
      detail: `${availableParallelism()} cores, ${bytes(totalmem())} memory, ${bytes(freeDisk())} disk free here`,
    },
    ...Object.entries(packages).map(([name, use]) => packageFinding(name, use)),
    ...engines.map((engine) => ({ ok: engine.works, what: `engine ${engine.name}`, detail: engine.why })),
  ];
  if (engines.some((engine) => engine.name === "tensorflow" && !engine.works))
    findings.push(...(await installFindings("engine install tensorflow")));
  if (options.json) printLine(JSON.stringify({ version: version(), findings }, undefined, 2));
  else {
    const palette = paletteOf(process.stdout);
    const rows = findings.map(({ ok, what, detail }) => [ok ? "ok" : "no", what, detail]);
    print(table(rows).replaceAll(/^no/gm, palette.error("no")));
  }
  if (!engines.some((engine) => engine.works)) process.exitCode = ExitCode.couldNotRun;
}

function nodeFinding(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  const ok = major >= 20 && major < 23;
  return { ok, what: `node ${process.versions.node}`, detail: ok ? `dit ${version()}` : "dit is tested on 20 and 22" };
}

function packageFinding(name: string, use: string): Finding {
  const require = createRequire(import.meta.url);
  try {
    require.resolve(name);
    return { ok: true, what: name, detail: `for ${use}` };
  } catch {
    return { ok: false, what: name, detail: `not installed; ${use} need it: npm install ${name}` };
  }
}

/** What `dit engine install tensorflow` would find. */
async function installFindings(what: string): Promise<Finding[]> {
  const { missingTools, refusal, thisMachine } = await import("../../runtime/engines/tensorflow/install/needs.js");
  const { cacheFolder } = await import("../../runtime/engines/tensorflow/cache.js");
  const machine = thisMachine();
  const refused = refusal(machine);
  const missing = refused ? [refused] : missingTools(machine);
  if (missing.length > 0) return missing.map((need) => ({ ok: false, what, detail: `${need.what}; ${need.help}` }));
  const tools = `g++ ${machine.which("g++")}, python3 ${machine.which("python3")} with pip ${machine.pip()}`;
  const cache = cacheFolder();
  return [{ ok: true, what, detail: `could run: ${tools}; into ${cache}, ${bytes(machine.free(cache))} free` }];
}

function freeDisk(): number {
  const { bavail, bsize } = statfsSync(".");
  return bavail * bsize;
}
