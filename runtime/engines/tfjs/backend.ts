/** Backends of tfjs: where each comes from and what it is good at. */
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import type { OpKind } from "../../../compiler/ir/attrs.js";
import { RuntimeFault } from "../../fault.js";
import { loadTensorflow } from "../tensorflow/library.js";
import type { Target, Tf } from "./target.js";

/** Makes a copy of tfjs-core that has the backend. */
export type OpenBackend = () => Promise<Tf>;

const sources = new Map<string, OpenBackend>([
  ["wasm", openWasm],
  ["cpu", openCpu],
  ["tensorflow", openTensorflow],
]);

/** A backend that comes from elsewhere: `DIT_TFJS_BACKEND` may name it from now on. */
export function registerBackend(name: string, open: OpenBackend): void {
  sources.set(name, open);
  opened.delete(name);
}

export function backendNames(): string[] {
  return [...sources.keys()];
}

const opened = new Map<string, Promise<Target>>();

/** Opened once; fails where the backend does not work here. */
export function openBackend(name: string): Promise<Target> {
  let target = opened.get(name);
  if (!target) {
    target = open(name);
    opened.set(name, target);
  }
  return target;
}

async function open(name: string): Promise<Target> {
  const source = sources.get(name);
  if (!source)
    throw new RuntimeFault(`there is no backend \`${name}\` of tfjs`, "DIT_TFJS_BACKEND", [
      `use one of ${backendNames().join(", ")}`,
    ]);
  const tf = await source();
  // Without it tfjs writes advice to the console.
  tf.enableProdMode();
  const target = targetOf(tf, name);
  await withoutListeners(() => activate(target));
  return target;
}

/** wasm throws anew what nobody caught, from a line of 90 thousand characters, which Node then prints. */
async function withoutListeners(work: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = new Set(events.flatMap((event) => process.rawListeners(event)));
  await work();
  for (const event of events)
    for (const listener of process.rawListeners(event))
      if (!before.has(listener)) process.removeListener(event, listener as () => void);
}

/** One backend is active in a copy of tfjs-core. After this, until the next pause, it is this one. */
export async function activate({ tf, backend }: Target): Promise<void> {
  while (tf.getBackend() !== backend)
    if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} of tfjs does not start`);
}

function targetOf(tf: Tf, backend: string): Target {
  const wasm = backend === "wasm";
  const nearby = wasm || backend === "cpu";
  return {
    tf,
    backend,
    nearby,
    repeats: wasm ? quick : nearby ? none : "all",
    transposedProducts: !wasm,
    sumByProduct: wasm,
  };
}

/** The kernels of XNNPACK; those for the other ops look each element up, as all of `cpu` do. */
const quick: ReadonlySet<OpKind> = new Set<OpKind>(["add", "sub", "mul", "div"]);
const none: ReadonlySet<OpKind> = new Set();

async function openCpu(): Promise<Tf> {
  const [tf] = await Promise.all([import("@tensorflow/tfjs-core"), import("@tensorflow/tfjs-backend-cpu")]);
  return tf;
}

async function openWasm(): Promise<Tf> {
  const [tf, wasm] = await Promise.all([import("@tensorflow/tfjs-core"), import("@tensorflow/tfjs-backend-wasm")]);
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(dirname(entry) + sep);
  return tf;
}

/** The package is one copy of tfjs with the backend in it. */
async function openTensorflow(): Promise<Tf> {
  const library = loadTensorflow();
  if ("missing" in library) throw new RuntimeFault(library.missing, "the backend `tensorflow` of tfjs", [library.help]);
  return createRequire(import.meta.url)(library.located.path) as Tf;
}
