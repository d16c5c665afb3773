/** The folder that is built in: which steps are done there, and who builds. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode, RuntimeFault } from "../../../fault.js";
import { writeWhole } from "../../../files.js";
import { type Plan, temporaryIn } from "./plan.js";

export class Site {
  private constructor(
    readonly folder: string,
    private readonly plan: string,
    /** How many steps are done. */
    private count: number,
  ) {}

  /** Goes on with what an interrupted installation left, if it followed the same plan. */
  static open(folder: string, plan: Plan, anew: boolean): Site {
    mkdirSync(folder, { recursive: true });
    lock(folder);
    const text = JSON.stringify(plan, (_, value: unknown) => (value instanceof RegExp ? value.source : value));
    const site = new Site(folder, text, 0);
    const done = anew ? 0 : site.left();
    if (done === 0) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      lock(folder);
    }
    site.count = done;
    // What a tool that was cut off left there is of no use.
    rmSync(temporaryIn(folder), { recursive: true, force: true });
    mkdirSync(temporaryIn(folder));
    return site;
  }

  get done(): number {
    return this.count;
  }

  stepDone(): void {
    this.count++;
    writeWhole(stateOf(this.folder), JSON.stringify({ done: this.count, plan: this.plan }));
  }

  /** Nothing of the building is left in the folder. */
  finish(): void {
    rmSync(temporaryIn(this.folder), { recursive: true, force: true });
    rmSync(stateOf(this.folder), { force: true });
    this.release();
  }

  release(): void {
    rmSync(lockOf(this.folder), { force: true });
  }

  /** How many steps were done before; 0 for another plan, or what cannot be read. */
  private left(): number {
    try {
      const state: unknown = JSON.parse(readFileSync(stateOf(this.folder), "utf8"));
      if (typeof state !== "object" || state === null || !("done" in state) || !("plan" in state)) return 0;
      return state.plan === this.plan && typeof state.done === "number" ? state.done : 0;
    } catch {
      return 0;
    }
  }
}

function stateOf(folder: string): string {
  return join(folder, "steps.json");
}

function lockOf(folder: string): string {
  return join(folder, "lock");
}

function lock(folder: string): void {
  const file = lockOf(folder);
  if (existsSync(file)) {
    const owner = Number(readFileSync(file, "utf8"));
    if (owner !== process.pid && runs(owner))
      throw new RuntimeFault(`the process ${owner} is installing it already`, folder, [
        "wait for it, or end it and call this again",
      ]);
  }
  writeFileSync(file, String(process.pid));
}

function runs(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}
