/** Backends of tfjs: what is known of each. Where one comes from, whoever registers it knows: `installed.ts` in Node, a page in a browser. */
import type { OpKind } from "../../../compiler/ir/attrs.js";
import { RuntimeFault } from "../../fault.js";
import type { Target, Tf } from "./target.js";

/** Gives a copy of tfjs-core that has the backend. */
export type OpenBackend = () => Promise<Tf>;

const sources = new Map<string, OpenBackend>();

/** From now on the engine runs on it by this name, which is its name in tfjs; in Node, `DIT_TFJS_BACKEND` may name it. */
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
    throw new RuntimeFault(`there is no backend \`${name}\` of tfjs`, "the choice of the backend", [
      `use one of ${backendNames().join(", ") || "those that are registered: so far none is"}`,
    ]);
  const tf = await source();
  // Without it tfjs writes advice to the console.
  tf.enableProdMode();
  await activate({ tf, backend: name });
  if (name === "webgl" && !tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED"))
    throw new RuntimeFault("the textures of this device hold numbers of 16 bits", "the backend `webgl` of tfjs", [
      "use the backend webgpu or wasm",
    ]);
  return targetOf(tf, name);
}

/** One backend is active in a copy of tfjs-core. After this, until the next pause, it is this one. */
export async function activate({ tf, backend }: Pick<Target, "tf" | "backend">): Promise<void> {
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
    coarseAngles: backend === "webgl" || backend === "webgpu",
    fault: backend === "webgpu" ? faultsOf(tf.backend() as unknown as WithDevice) : () => undefined,
  };
}

/** The part of webgpu's backend that is used. */
interface WithDevice {
  readonly device: {
    addEventListener(type: "uncapturederror", listen: (event: { readonly error: Error }) => void): void;
  };
}

/** The first since it was last asked for. */
function faultsOf({ device }: WithDevice): () => string | undefined {
  let first: string | undefined;
  device.addEventListener("uncapturederror", ({ error }) => {
    first ??= error.message;
  });
  return () => {
    const fault = first;
    first = undefined;
    return fault;
  };
}

/** The kernels of XNNPACK; those for the other ops look each element up, as all of `cpu` do. */
const quick: ReadonlySet<OpKind> = new Set<OpKind>(["add", "sub", "mul", "div"]);
const none: ReadonlySet<OpKind> = new Set();
