/** How a command that stopped half-way ends: with a message and a code. */
import { RuntimeFault } from "../runtime/fault.js";
import { ExitCode } from "./exit-codes.js";
import { Failure } from "./failure.js";
import { paletteOf, say, visible } from "./output.js";
import { version } from "./package.js";

export interface Verdict {
  readonly code: ExitCode;
  /** Empty where all has been said. */
  readonly lines: readonly string[];
}

/** The machine, not the program, refused: disk full, no permission, a folder where a file should be. */
const refusals = new Set(["EACCES", "EDQUOT", "EISDIR", "EMFILE", "ENOENT", "ENOSPC", "ENOTDIR", "EPERM", "EROFS"]);

export function verdictOf(thrown: unknown, debug = false): Verdict {
  if (thrown instanceof Failure)
    return { code: thrown.exitCode, lines: thrown.message ? linesOf(thrown.message, thrown.help) : [] };
  if (thrown instanceof RuntimeFault)
    return { code: ExitCode.couldNotRun, lines: linesOf(thrown.what, thrown.help, thrown.where) };
  if (thrown instanceof Error && "syscall" in thrown && "code" in thrown && refusals.has(String(thrown.code)))
    return { code: ExitCode.couldNotRun, lines: [`error: ${thrown.message}`] };
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const bug = `this is a bug in dit ${version()} (${text.replaceAll(/\s*\n\s*/g, " ")}): please report it with your spec and what DIT_DEBUG=1 prints`;
  return { code: ExitCode.bug, lines: debug && thrown instanceof Error && thrown.stack ? [bug, thrown.stack] : [bug] };
}

/** Says it on stderr; gives the code. */
export function endWith(thrown: unknown): ExitCode {
  const { code, lines } = verdictOf(thrown, Boolean(process.env.DIT_DEBUG));
  const palette = paletteOf(process.stderr);
  for (const line of lines) say(line.replace(/^error:/, palette.error("error:")));
  return code;
}

function linesOf(what: string, help: readonly string[], where?: string): string[] {
  const plain = (text: string) => text.split("\n").map(visible).join("\n");
  return [
    `error: ${plain(what)}`,
    ...(where ? [`  --> ${visible(where)}`] : []),
    ...help.map((text) => `  = help: ${plain(text)}`),
  ];
}
