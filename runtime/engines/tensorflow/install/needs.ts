/** What a machine has to have for `dit engine install tensorflow`, looked at before anything is downloaded. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Arch } from "./plan.js";

/** The machine, as far as it matters here; a test has its own. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Version of Node. */
  readonly node: string;
  /** Version of the C library; undefined where it is another one, as musl. */
  readonly glibc: string | undefined;
  /** The file that a command is, or undefined. */
  which(command: string): string | undefined;
  /** Version of python3's pip, or undefined. */
  pip(): string | undefined;
  /** Free bytes where a folder is or would be. */
  free(folder: string): number;
}

/** A piece that is missing, and how to mend it. */
export interface Need {
  readonly what: string;
  readonly help: string;
}

export function archOf({ platform, arch }: Machine): Arch | undefined {
  return platform === "linux" ? (["x64", "arm64"] as const).find((known) => known === arch) : undefined;
}

/** What no package manager mends: nothing can be installed at all. */
export function refusal(machine: Machine): Need | undefined {
  const elsewhere = "use `engine: onnx`, which works from npm alone";
  const { platform, arch, node, glibc } = machine;
  if (!archOf(machine))
    return {
      what: `TensorFlow is installed on Linux, x64 and arm64, and this is ${platform} ${arch}`,
      help: elsewhere,
    };
  const [major = 0, minor = 0] = (glibc ?? "").split(".").map(Number);
  if (glibc === undefined || major < 2 || (major === 2 && minor < 27))
    return {
      what: `TensorFlow needs glibc 2.27 or newer, and this is ${glibc ?? "another C library"}`,
      help: elsewhere,
    };
  if (!/^(20|22)\./.test(node))
    return { what: `TensorFlow's npm package works on Node 20 and 22, and this is ${node}`, help: "use Node 20 or 22" };
  return undefined;
}

const commands = {
  npm: "npm comes with Node: install Node whole, or put its npm on the PATH",
  "g++": "Debian, Ubuntu: sudo apt install g++; Fedora: sudo dnf install gcc-c++",
  python3: "Debian, Ubuntu: sudo apt install python3 python3-pip; Fedora: sudo dnf install python3 python3-pip",
};

export function missingTools(machine: Machine): Need[] {
  const needs: Need[] = Object.entries(commands)
    .filter(([name]) => machine.which(name) === undefined)
    .map(([name, help]) => ({ what: `\`${name}\` is not on the PATH`, help }));
  if (machine.which("python3") !== undefined && machine.pip() === undefined)
    needs.push({
      what: "`python3` has no pip",
      help: "Debian, Ubuntu: sudo apt install python3-pip; elsewhere: python3 -m ensurepip --user",
    });
  return needs;
}

/** `bytes`: what the building will still take. */
export function missingDisk(machine: Machine, bytes: number, folder: string): Need[] {
  const free = machine.free(folder);
  if (free >= bytes) return [];
  const what = `building takes ${gigabytes(bytes)} of disk, and ${gigabytes(free)} are free at ${folder}`;
  return [{ what, help: "make room, or let DIT_CACHE name a folder on another disk" }];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

export function thisMachine(env: NodeJS.ProcessEnv = process.env): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    glibc: glibcVersion(),
    which: (command) => which(command, env),
    pip: () => {
      const { status, stdout } = spawnSync("python3", ["-m", "pip", "--version"], { env, encoding: "utf8" });
      return status === 0 ? (/^pip (\S+)/.exec(stdout)?.[1] ?? "of no known version") : undefined;
    },
    free: (folder) => {
      const { bavail, bsize } = statfsSync(existing(folder));
      return bavail * bsize;
    },
  };
}

function glibcVersion(): string | undefined {
  const report: { header?: { glibcVersionRuntime?: string } } = process.report.getReport();
  return report.header?.glibcVersionRuntime;
}

function which(command: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder || ".", command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

/** The folder, or the one above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}
