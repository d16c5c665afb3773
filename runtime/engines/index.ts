import { RuntimeFault, reasonOf } from "../fault.js";
import type { Engine } from "./engine.js";
import { onnx } from "./onnx.js";
import { loadOrt, threads } from "./ort.js";
import { reference } from "./reference.js";

export const engineNames = ["auto", "tensorflow", "onnx", "tfjs", "reference"] as const;
export type EngineName = (typeof engineNames)[number];

/** An engine, and why this one. */
export interface Picked {
  readonly engine: Engine;
  readonly why: string;
}

/** What is not there, and what to do about it. */
export interface Missing {
  readonly missing: string;
  readonly help: string;
}

/** What `dit doctor` says of an engine. */
export interface Availability {
  readonly name: Exclude<EngineName, "auto">;
  readonly works: boolean;
  /** Version and threads if it works, else what is missing. */
  readonly why: string;
}

const slow = "`engine: reference` needs nothing, in float64 and many times slower";

const notYet: { readonly [K in "tensorflow" | "tfjs"]: Missing } = {
  tensorflow: {
    missing: "the engine `tensorflow` is not part of this version",
    help: "use `engine: onnx`, the fastest here",
  },
  tfjs: { missing: "the engine `tfjs` is not part of this version", help: "use `engine: onnx`, the fastest here" },
};

/** The version and threads of onnxruntime, or why it does not load. */
async function onnxState(): Promise<{ readonly ok: string } | Missing> {
  try {
    const { env } = await loadOrt();
    const n = threads();
    return {
      ok: `onnxruntime ${env.versions.node ?? env.versions.common} on the CPU, float32, ${n} ${n === 1 ? "thread" : "threads"}`,
    };
  } catch (error) {
    const reason = reasonOf(error).split("\n")[0] ?? "";
    return { missing: `onnxruntime-node does not load: ${reason}`, help: `npm install onnxruntime-node; ${slow}` };
  }
}

/** The engine of this name; `auto`: the fastest that works here. */
export async function pickEngine(name: EngineName): Promise<Picked | Missing> {
  if (name === "reference") return { engine: reference, why: "asked for: float64, plain TypeScript" };
  if (name === "tensorflow" || name === "tfjs") return notYet[name];
  const state = await onnxState();
  if ("ok" in state)
    return { engine: onnx, why: name === "auto" ? `the fastest that works here: ${state.ok}` : state.ok };
  if (name === "auto") return { engine: reference, why: `the only one that works here, and slow; ${state.missing}` };
  return state;
}

/** As `pickEngine`, for callers that cannot go on without. */
export async function openEngine(name: string): Promise<Engine> {
  const known = engineNames.find((n) => n === name);
  if (!known)
    throw new RuntimeFault(`there is no engine \`${name}\``, "the choice of the engine", [
      `use one of ${engineNames.join(", ")}`,
    ]);
  const picked = await pickEngine(known);
  if ("missing" in picked) throw new RuntimeFault(picked.missing, `the engine \`${name}\``, [picked.help]);
  return picked.engine;
}

export async function availability(): Promise<Availability[]> {
  const state = await onnxState();
  return [
    { name: "onnx", works: "ok" in state, why: "ok" in state ? state.ok : `${state.missing}; ${state.help}` },
    { name: "reference", works: true, why: "float64, plain TypeScript, slow: what the others are tested against" },
    ...(["tensorflow", "tfjs"] as const).map((name) => ({
      name,
      works: false,
      why: `${notYet[name].missing}; ${notYet[name].help}`,
    })),
  ];
}
