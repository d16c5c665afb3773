/** The programs of the machine that an installation calls. */
import { spawn } from "node:child_process";
import { hasCode } from "../../../fault.js";
import { digestFile } from "../../../files.js";

export interface Ran {
  /** Undefined where a signal ended it, or the program is not there. */
  readonly code: number | undefined;
  /** All it printed. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** A test has its own. */
export interface Tools {
  run(command: string, args: readonly string[], options: RunOptions): Promise<Ran>;
  sha256(file: string): Promise<string>;
}

export const realTools: Tools = { run, sha256: async (file) => (await digestFile(file)).sha256 };

function run(command: string, args: readonly string[], { cwd, env, signal }: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    // A group of its own: pip and npm have children, and all of them end with it.
    const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    const keep = (chunk: Buffer) => void chunks.push(chunk);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const stop = () => {
      if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
    };
    signal?.addEventListener("abort", stop);
    const end = (code: number | null, more = "") => {
      signal?.removeEventListener("abort", stop);
      resolve({ code: code ?? undefined, output: Buffer.concat(chunks).toString("utf8") + more });
    };
    child.on("error", (error) => (hasCode(error, "ENOENT") ? end(null, error.message) : reject(error)));
    child.on("close", (code) => end(code));
    if (signal?.aborted) stop();
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGTERM");
  } catch (error) {
    // It has ended meanwhile.
    if (!hasCode(error, "ESRCH")) throw error;
  }
}
