/** Runs the bundled command line as a user does. The bundle is made once, beside the packages it loads. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "node_modules", ".cache", "dit-tests");

let built: Promise<void> | undefined;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with what the command has said so far on stderr. */
  readonly watch?: (err: string, interrupt: () => void) => void;
}

export async function dit(args: readonly string[], options: Options = {}): Promise<Ended> {
  built ??= buildOnce();
  await built;
  const { NO_COLOR: _, FORCE_COLOR: __, DIT_DEBUG: ___, ...env } = process.env;
  const child = spawn(process.execPath, [join(folder, "cli", "main.js"), ...args], {
    cwd: options.cwd ?? root,
    env: { ...env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    options.watch?.(err, () => child.kill("SIGINT"));
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err };
}

/** An empty folder that is gone afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), "dit-"));
  try {
    return await use(path);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

async function buildOnce(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await bundle(folder);
}
