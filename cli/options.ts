/** Options that several commands share. */
import { InvalidArgumentError, Option } from "commander";
import type { EngineName } from "../runtime/engines/index.js";
import type { Settings } from "./compiler.js";

/** Not read from the runtime, which is slow to load. */
const engines = ["auto", "tensorflow", "onnx", "tfjs", "reference"] satisfies EngineName[];

/** `--set key=value`, any number of times. */
export function setOption(): Option {
  return new Option("--set <key=value>", "give a param of the spec another value").argParser(
    (text: string, before: Settings = {}): Settings => {
      const at = text.indexOf("=");
      if (at < 1) throw new InvalidArgumentError("Write it as key=value.");
      return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
    },
  );
}

export function engineOption(): Option {
  return new Option("--engine <name>", "the engine that computes").choices(engines);
}

/** In GiB, as the key `memory`. */
export function memoryOption(): Option {
  return new Option("--memory <GiB>", "compute values twice until a training fits").argParser((text): number => {
    const n = Number(text);
    if (!(n > 0)) throw new InvalidArgumentError("It must be a number above 0.");
    return n;
  });
}

/** A whole number from `least` up. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const n = Number(text.replaceAll("_", ""));
    if (!Number.isSafeInteger(n) || n < least)
      throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
    return n;
  };
}
