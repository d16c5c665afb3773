import { RuntimeFault } from "../fault.js";
import type { Engine, Missing, Provider, Ready } from "./engine.js";
import { onnxProvider } from "./onnx.js";
import { referenceProvider } from "./reference.js";
import { tensorflowProvider } from "./tensorflow/tensorflow.js";
import { tfjsProvider } from "./tfjs/tfjs.js";

/** Fastest first: the order in which `auto` tries them. */
const providers: { readonly [N in Engine["name"]]: Provider } = {
  tensorflow: tensorflowProvider,
  onnx: onnxProvider,
  tfjs: tfjsProvider,
  reference: referenceProvider,
};

export const engineNames = ["auto", "tensorflow", "onnx", "tfjs", "reference"] as const;
export type EngineName = (typeof engineNames)[number];

/** An engine, and why this one. */
export interface Picked {
  readonly engine: Engine;
  readonly why: string;
}

/** What `dit doctor` says of an engine. */
export interface Availability {
  readonly name: Engine["name"];
  readonly works: boolean;
  /** Version, device and threads if it works, else what is missing. */
  readonly why: string;
}

/** What a plan asks of an engine. */
export interface Needs {
  /** Products in bfloat16. */
  readonly half?: boolean;
}

/** The engine of this name; `auto`: the fastest that works and has what is needed. */
export async function pickEngine(name: EngineName, needs: Needs = {}): Promise<Picked | Missing> {
  if (needs.half) return pickHalf(name);
  if (name !== "auto") return picked(await providers[name].state());
  let missing: string | undefined;
  for (const provider of Object.values(providers)) {
    if (!provider.auto()) continue;
    const state = await provider.state();
    if ("ok" in state) return { engine: state.engine, why: because(state, missing) };
    missing ??= state.missing;
  }
  throw new Error("`reference` works everywhere");
}

function picked(state: Ready | Missing): Picked | Missing {
  return "ok" in state ? { engine: state.engine, why: state.ok } : state;
}

/** One engine has bfloat16. */
async function pickHalf(name: EngineName): Promise<Picked | Missing> {
  if (name === "auto" || name === "tensorflow") return picked(await providers.tensorflow.state());
  return {
    missing: `the engine \`${name}\` has no bfloat16, which \`precision: bf16\` asks for`,
    help: "use `engine: tensorflow`, or `precision: f32`",
  };
}

function because({ engine, ok }: Ready, missing: string | undefined): string {
  if (engine.name !== "reference") return `the fastest that works here: ${ok}`;
  return `the only one that works here, and slow; ${missing}`;
}

/** As `pickEngine`, for callers that cannot go on without. */
export async function openEngine(name: string, needs: Needs = {}): Promise<Engine> {
  const known = engineNames.find((n) => n === name);
  if (!known)
    throw new RuntimeFault(`there is no engine \`${name}\``, "the choice of the engine", [
      `use one of ${engineNames.join(", ")}`,
    ]);
  const found = await pickEngine(known, needs);
  if ("missing" in found) throw new RuntimeFault(found.missing, `the engine \`${name}\``, [found.help]);
  return found.engine;
}

export async function availability(): Promise<Availability[]> {
  return Promise.all(
    Object.values(providers).map(async ({ name, state }) => {
      const found = await state();
      return "ok" in found
        ? { name, works: true, why: found.ok }
        : { name, works: false, why: `${found.missing}; ${found.help}` };
    }),
  );
}
