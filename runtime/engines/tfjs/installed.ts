/** The backends that Node finds among its packages. */
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { RuntimeFault } from "../../fault.js";
import { loadTensorflow } from "../tensorflow/library.js";
import { type OpenBackend, registerBackend } from "./backend.js";
import type { Tf } from "./target.js";

const installed: ReadonlyMap<string, OpenBackend> = new Map([
  ["wasm", openWasm],
  ["cpu", openCpu],
  ["tensorflow", openTensorflow],
]);

export function registerInstalled(): void {
  for (const [name, open] of installed) registerBackend(name, open);
}

async function openCpu(): Promise<Tf> {
  const [tf] = await Promise.all([import("@tensorflow/tfjs-core"), import("@tensorflow/tfjs-backend-cpu")]);
  return tf;
}

async function openWasm(): Promise<Tf> {
  const [tf, wasm] = await Promise.all([import("@tensorflow/tfjs-core"), import("@tensorflow/tfjs-backend-wasm")]);
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(dirname(entry) + sep);
  await withoutListeners(() => tf.setBackend("wasm"));
  return tf;
}

/** wasm throws anew what nobody caught, from a line of 90 thousand characters, which Node then prints. */
async function withoutListeners(work: () => Promise<unknown>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = new Set(events.flatMap((event) => process.rawListeners(event)));
  await work();
  for (const event of events)
    for (const listener of process.rawListeners(event))
      if (!before.has(listener)) process.removeListener(event, listener as () => void);
}

/** The package is one copy of tfjs with the backend in it. */
async function openTensorflow(): Promise<Tf> {
  const library = loadTensorflow();
  if ("missing" in library) throw new RuntimeFault(library.missing, "the backend `tensorflow` of tfjs", [library.help]);
  return createRequire(import.meta.url)(library.located.path) as Tf;
}
