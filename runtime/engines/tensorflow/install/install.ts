/** Does the steps of `plan.ts` in a folder beside the one they are for, which appears whole or not at all. */
import { renameSync, rmSync } from "node:fs";
import { hasCode, RuntimeFault } from "../../../fault.js";
import { cacheFolder, installFolder, lackingIn, packageIn, tensorflowVersion, type Variant } from "../cache.js";
import { bytesIn, changeFiles } from "./files.js";
import { archOf, type Machine, missingDisk, missingTools, type Need, refusal, thisMachine } from "./needs.js";
import { type Act, type Plan, planOf, temporaryIn } from "./plan.js";
import { Site } from "./site.js";
import { type Ran, realTools, type Tools } from "./tools.js";

export interface InstallEvents {
  say(line: string): void;
  /** How far a step is, in place of what was said of it before. */
  update(line: string): void;
  /** The last update stays. */
  end(): void;
}

export interface InstallOptions {
  readonly variant: Variant;
  /** Builds anew what is there. */
  readonly force?: boolean | undefined;
  readonly cache?: string;
  readonly events: InstallEvents;
  readonly signal?: AbortSignal;
  readonly tools?: Tools;
  readonly machine?: Machine;
}

export interface Installed {
  readonly folder: string;
  readonly outcome: "there already" | "installed" | "interrupted";
}

/** Throws a `RuntimeFault` for what the user can mend. An aborted installation goes on where it was when it is asked for again. */
export async function installTensorflow(options: InstallOptions): Promise<Installed> {
  const { variant, force = false, cache = cacheFolder(), machine = thisMachine() } = options;
  const folder = installFolder(variant, cache);
  if (!force && lackingIn(packageIn(folder)) === undefined) return { folder, outcome: "there already" };
  const place = `${folder}.building`;
  const plan = checkedPlan(variant, machine, place);
  const missing = missingDisk(machine, plan.disk - bytesIn([place]), cache);
  if (missing.length > 0) throw faultOf(missing, variant);
  const site = Site.open(place, plan, force);
  try {
    if (!(await runSteps(plan, site, options))) return { folder, outcome: "interrupted" };
    site.finish();
    replace(folder, place);
    return { folder, outcome: "installed" };
  } finally {
    site.release();
  }
}

function checkedPlan(variant: Variant, machine: Machine, place: string): Plan {
  const refused = refusal(machine);
  if (refused) throw faultOf([refused], variant);
  const arch = archOf(machine);
  const plan = arch && planOf(variant, arch, place);
  if (!plan) {
    const what = `TensorFlow publishes no wheel with CUDA for Linux ${machine.arch}`;
    throw faultOf([{ what, help: "leave out --cuda: dit engine install tensorflow" }], variant);
  }
  const missing = missingTools(machine);
  if (missing.length > 0) throw faultOf(missing, variant);
  return plan;
}

/** All that is missing at once, so that one trip to the package manager mends it. */
function faultOf(needs: readonly Need[], variant: Variant): RuntimeFault {
  return new RuntimeFault(
    needs.map(({ what }) => what).join("; "),
    `the installation of TensorFlow ${tensorflowVersion} (${variant}), before its first step`,
    needs.map(({ help }) => help),
  );
}

/** False if it was interrupted. */
async function runSteps(plan: Plan, site: Site, options: InstallOptions): Promise<boolean> {
  const { events, signal } = options;
  if (site.done > 0) events.say(`going on after step ${site.done} of ${plan.steps.length}`);
  for (const [index, step] of plan.steps.entries()) {
    if (index < site.done) continue;
    const label = `[${index + 1}/${plan.steps.length}] ${step.title}`;
    const start = performance.now();
    const sofar = () => {
      const size = step.grows ? `, ${megabytes(bytesIn(step.grows))}` : "";
      return `${label}: ${((performance.now() - start) / 1000).toFixed(1)} s${size}`;
    };
    const clock = setInterval(() => events.update(sofar()), 1000);
    events.update(label);
    try {
      for (const act of step.acts) {
        if (signal?.aborted) return false;
        await perform(act, label, site, options);
      }
    } finally {
      clearInterval(clock);
    }
    if (signal?.aborted) return false;
    site.stepDone();
    events.update(sofar());
    events.end();
  }
  return true;
}

async function perform(act: Act, label: string, { folder }: Site, options: InstallOptions): Promise<void> {
  const { tools = realTools, signal } = options;
  switch (act.act) {
    case "run": {
      const env = { ...process.env, TMPDIR: temporaryIn(folder), TF_CPP_MIN_LOG_LEVEL: "2" };
      const ran = await tools.run(act.command, act.args, { cwd: folder, env, signal });
      if (signal?.aborted) return;
      if (ran.code !== 0 || !ran.output.includes(act.expect ?? "")) throw failedRun(act, ran, label);
      return;
    }
    case "verify": {
      const found = await tools.sha256(act.file);
      if (found === act.sha256) return;
      rmSync(act.file);
      throw new RuntimeFault(
        `the wheel is not the one that was pinned: its sha256 is ${found}, not ${act.sha256}`,
        label,
        ["call it again, it downloads anew; if that does not help, the package index gives another file"],
      );
    }
    default:
      changeFiles(act);
  }
}

/** What npm, pip and Python's sockets say where nothing answers. */
const unreachable =
  /ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ENETUNREACH|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Name or service not known|name resolution|Network is unreachable|No matching distribution/;

function failedRun({ command, args }: { command: string; args: readonly string[] }, ran: Ran, label: string) {
  const tool = command === process.execPath ? "node" : command === "python3" && args[1] === "pip" ? "pip" : command;
  const lines = ran.output.split("\n").filter((line) => line.trim());
  // npm says at the top what pip says at the end.
  const cause = lines.slice(0, -6).find((line) => unreachable.test(line));
  const last = [...(cause === undefined ? [] : [cause]), ...lines.slice(-6)];
  const ended =
    ran.code === undefined ? "was ended" : ran.code === 0 ? "gave another result" : `ended with ${ran.code}`;
  const said = last.map((line) => `\n    ${line.slice(0, 300)}`).join("");
  const help = unreachable.test(ran.output)
    ? "the package index does not answer, or does not have it: look at the network, the proxy and the settings of npm and pip"
    : `mend what ${tool} says`;
  return new RuntimeFault(`${tool} ${ended}${said && `, and said last:${said}`}`, label, [
    help,
    "then call the same command again: it goes on from here",
  ]);
}

/** The old one is out of the way for a moment only; who has loaded it keeps it. */
function replace(folder: string, built: string): void {
  const old = `${folder}.old`;
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(folder, old);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  renameSync(built, folder);
  rmSync(old, { recursive: true, force: true });
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
