/** Data goes to stdout, everything else to stderr; colour only where a person looks. Nothing outside cli/ prints. */
import type { WriteStream } from "node:tty";
import picocolors from "picocolors";
import type { Palette } from "../compiler/diagnostics/render/palette.js";

type Stream = NodeJS.WriteStream | WriteStream;

export function print(text: string): void {
  process.stdout.write(text);
}

export function printLine(text = ""): void {
  print(`${text}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Text of a file that anybody may have written: what a terminal would obey is shown instead. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** NO_COLOR wins over FORCE_COLOR, both over what the stream is. */
export function hasColour(stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

export function paletteOf(stream: Stream): Palette {
  const c = picocolors.createColors(hasColour(stream));
  const both = (outer: (text: string) => string) => (text: string) => c.bold(outer(text));
  return { error: both(c.red), warning: both(c.yellow), second: c.blue, frame: c.blue, strong: c.bold };
}

/** A reader that went away (`dit check | head`) is no error; what is not read is not written. */
export function letReadersLeave(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
      throw error;
    });
}
