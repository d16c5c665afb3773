/**
 * Plans as JSON files. Graphs stand in them as the lines of their text form, so that two plans can be compared with `diff`. A file is
 * checked by the schema, then each graph by the verifier: a plan that was loaded is as good as one that was just compiled.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Module } from "../compiler/ir/graph.js";
import { print } from "../compiler/ir/print.js";
import { read } from "../compiler/ir/read.js";
import { verify } from "../compiler/ir/verify.js";
import type { Plan, Program, SamplePlan, Start, TrainPlan } from "../compiler/plan/plan.js";
import { samplePlanSchema, trainPlanSchema } from "../compiler/plan/schema.js";
import { nearest, RuntimeFault, reasonOf } from "./fault.js";
import { readJson, writeWhole } from "./files.js";

/** Writes a plan as JSON, whole or not at all. */
export function savePlan(file: string, plan: Plan): void {
  writeWhole(file, planText(plan));
}

/** The JSON text of a plan. */
export function planText(plan: Plan): string {
  const filed =
    plan.kind === "train"
      ? {
          ...plan,
          start: plan.start.map(fileStart),
          phases: plan.phases.map(({ from, program }) => ({ from, program: fileProgram(program) })),
        }
      : { ...plan, program: fileProgram(plan.program) };
  return `${JSON.stringify(filed, undefined, 1)}\n`;
}

function fileProgram(program: Program) {
  return { ...program, module: linesOf(program.module) };
}

function fileStart({ tensors, ...start }: Start) {
  return tensors ? { ...start, tensors: tensors.map((t) => ({ ...t, module: linesOf(t.module) })) } : start;
}

function linesOf(module: Module): string[] {
  return print(module).trimEnd().split("\n");
}

/** Reads a plan; a fault names the key of what is wrong. */
export function loadPlan(file: string): Plan {
  return planFrom(readJson(file, again), file);
}

export function loadTrainPlan(file: string): TrainPlan {
  const plan = loadPlan(file);
  if (plan.kind === "train") return plan;
  throw new RuntimeFault("the plan is one of a sampler, and a training is needed", `${file}, key kind`, [
    "name the plan of a `train`",
  ]);
}

export function loadSamplePlan(file: string): SamplePlan {
  const plan = loadPlan(file);
  if (plan.kind === "sample") return plan;
  throw new RuntimeFault("the plan is one of a training, and a sampler is needed", `${file}, key kind`, [
    "name the plan of a `sample`",
  ]);
}

const again = ["compile the spec again: `dit compile FILE --target plan`"];

type Loose = Readonly<Record<string, unknown>>;

/** The plan in a JSON value. `file` names it in messages. */
export function planFrom(value: unknown, file: string): Plan {
  if (!isLoose(value)) throw new RuntimeFault("not a plan: it is not an object", file, again);
  const { kind } = value;
  if (kind !== "train" && kind !== "sample") {
    throw new RuntimeFault(`not a plan: kind is ${JSON.stringify(kind) ?? "missing"}`, `${file}, key kind`, [
      "kinds are train and sample",
      ...again,
    ]);
  }
  const validate = validators()[kind];
  if (!validate(value)) throw schemaFault(validate, value, file);
  // The schema holds, so what is read here is there.
  if (kind === "sample") {
    return { ...value, program: readProgram(value.program as Loose, file, "program") } as unknown as SamplePlan;
  }
  const phases = (value.phases as Loose[]).map((phase, i) => ({
    from: phase.from,
    program: readProgram(phase.program as Loose, file, `phases.${i}.program`),
  }));
  const start = (value.start as Loose[]).map((one, i) => readStart(one, file, `start.${i}`));
  return { ...value, start, phases } as unknown as TrainPlan;
}

/** The weights of each tensor must be as many as its graph takes: they are told apart by their place alone. */
function readStart(start: Loose, file: string, key: string): Loose {
  if (start.tensors === undefined) return start;
  const tensors = (start.tensors as Loose[]).map((t, i) => {
    const module = readModule(t.module as string[], file, `${key}.tensors.${i}`);
    const has = (t.weights as unknown[]).length;
    const wants = module.main.params.length;
    if (has !== wants || module.main.results.length !== 1)
      throw new RuntimeFault(
        `${has} weights are named, the graph has ${wants}`,
        `${file}, key ${key}.tensors.${i}.weights`,
        again,
      );
    return { ...t, module };
  });
  return { ...start, tensors };
}

function readModule(lines: readonly string[], file: string, key: string): Module {
  let module: Module;
  try {
    module = read(`${lines.join("\n")}\n`);
  } catch (error) {
    const [, line, reason] = /^line (\d+): (.*)$/s.exec(reasonOf(error)) ?? [];
    const place = line === undefined ? "" : `.${Number(line) - 1}`;
    throw new RuntimeFault(
      `not a graph: ${reason ?? reasonOf(error)}`,
      `${file}, key ${key}.module${place}`,
      again,
      error,
    );
  }
  const problem = verify(module)[0];
  if (problem) throw new RuntimeFault(`not a valid graph: ${problem.message}`, `${file}, key ${key}.module`, again);
  return module;
}

function readProgram(program: Loose, file: string, key: string): Program {
  const module = readModule(program.module as string[], file, key);
  for (const [name, has, wants] of [
    ["inputs", (program.inputs as unknown[]).length, module.main.params.length],
    ["outputs", (program.outputs as unknown[]).length, module.main.results.length],
  ] as const) {
    if (has !== wants)
      throw new RuntimeFault(`${has} ${name} are named, the graph has ${wants}`, `${file}, key ${key}.${name}`, again);
  }
  return { ...program, module } as unknown as Program;
}

let compiled: Readonly<Record<Plan["kind"], ValidateFunction>> | undefined;

function validators() {
  if (!compiled) {
    const ajv = new Ajv({ discriminator: true, verbose: true, strict: true, strictRequired: false });
    compiled = { train: ajv.compile(trainPlanSchema), sample: ajv.compile(samplePlanSchema) };
  }
  return compiled;
}

function schemaFault(validate: ValidateFunction, value: unknown, file: string): RuntimeFault {
  const error = validate.errors?.[0];
  if (!error) return new RuntimeFault("not a plan", file, again);
  const { key, what, help } = explain(error, value);
  return new RuntimeFault(what, `${file}, key ${key || "(top)"}`, [...help, ...again]);
}

interface Explained {
  readonly key: string;
  readonly what: string;
  readonly help: readonly string[];
}

/** What a message of the schema checker means to a person. */
function explain(error: ErrorObject, root: unknown): Explained {
  const segments = error.instancePath
    .split("/")
    .slice(1)
    .map((s) => s.replace(/~1/g, "/").replace(/~0/g, "~"));
  const key = segments.join(".");
  const params: Loose = error.params;
  const shown = JSON.stringify(valueAt(root, segments)) ?? "missing";
  const here = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
  const inner = (name: string) => (key ? `${key}.${name}` : name);
  switch (error.keyword) {
    case "additionalProperties": {
      const name = String(params.additionalProperty);
      const near = nearest(
        name,
        Object.keys(isLoose(error.parentSchema?.properties) ? error.parentSchema.properties : {}),
      );
      return { key: inner(name), what: `unknown key \`${name}\``, help: near ? [`did you mean \`${near}\`?`] : [] };
    }
    case "required":
      return { key: inner(String(params.missingProperty)), what: `\`${params.missingProperty}\` is missing`, help: [] };
    case "type":
      return { key, what: `${here} is not of type ${params.type}`, help: [] };
    case "const":
      return { key, what: `${here} has to be ${JSON.stringify(params.allowedValue)}`, help: [] };
    case "enum": {
      const allowed = Array.isArray(params.allowedValues) ? params.allowedValues.map(String) : [];
      const near = nearest(String(valueAt(root, segments)), allowed);
      return { key, what: `${here} is none of ${allowed.join(", ")}`, help: near ? [`did you mean \`${near}\`?`] : [] };
    }
    case "discriminator": {
      const tag = String(params.tag);
      const has = params.tagValue;
      const members: unknown = error.parentSchema?.oneOf;
      const allowed = Array.isArray(members) ? members.flatMap((m: unknown) => constOf(m, tag)) : [];
      const near = nearest(String(has), allowed);
      const what = `${JSON.stringify(has) ?? "missing"} is no ${tag}; there are ${allowed.join(", ")}`;
      return { key: inner(tag), what, help: near ? [`did you mean \`${near}\`?`] : [] };
    }
    case "minimum":
      return { key, what: `${here} is less than ${params.limit}`, help: [] };
    case "minItems":
      return { key, what: `a list of ${params.limit} or more is needed`, help: [] };
    default:
      return { key, what: `${here} ${error.message ?? "is wrong"}`, help: [] };
  }
}

function constOf(member: unknown, tag: string): string[] {
  const properties = isLoose(member) ? member.properties : undefined;
  const schema = isLoose(properties) ? properties[tag] : undefined;
  return isLoose(schema) && typeof schema.const === "string" ? [schema.const] : [];
}

function valueAt(root: unknown, segments: readonly string[]): unknown {
  let value = root;
  for (const segment of segments) {
    if (Array.isArray(value)) value = value[Number(segment)];
    else value = isLoose(value) ? value[segment] : undefined;
  }
  return value;
}

function isLoose(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
