/**
 * JSON schema of plan files, draft 7. In a file a module is the lines of its text form (see `ir/print.ts`); all
 * else is as in `plan.ts`. Unions are told apart
 * by one key each, so that a message can be about the member that was meant.
 */

interface Schema {
  readonly [keyword: string]: unknown;
}

const text: Schema = { type: "string" };
const number: Schema = { type: "number" };
const count: Schema = { type: "integer", minimum: 0 };
const positive: Schema = { type: "integer", minimum: 1 };
const flag: Schema = { type: "boolean" };

function list(items: Schema, more: Schema = {}): Schema {
  return { type: "array", items, ...more };
}

/** An object with these keys and no others; those named in `optional` may be missing. */
function record(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: "object", properties, required, additionalProperties: false };
}

/** One of several objects, told apart by the value of `key`. */
function union(key: string, members: Readonly<Record<string, Readonly<Record<string, Schema>>>>): Schema {
  const oneOf = Object.entries(members).map(([value, properties]) =>
    record({ [key]: { const: value }, ...properties }),
  );
  return { type: "object", discriminator: { propertyName: key }, required: [key], oneOf };
}

const shaped = { shape: list(count), axes: list(text) };

const init = union("law", {
  constant: { value: number },
  normal: { std: number },
  uniform: { bound: number },
  computed: { graph: list(text) },
});

const weight = record({ path: text, ...shaped, init, arrow: count, trained: flag }, ["arrow"]);
const state = record({ path: text, ...shaped, init: number });
const draw = record(
  { path: text, ...shaped, law: { enum: ["uniform", "normal", "index"] }, size: positive, batch: flag },
  ["size"],
);
const field = record({ instance: text, field: text, ...shaped, dtype: { enum: ["float", "bool", "index"] } });
const source = record(
  {
    name: text,
    definition: text,
    settings: { type: "object" },
    fields: list(field),
    reads: record({ instance: text, field: text }),
  },
  ["reads"],
);

const input = union("role", {
  weight: { path: text },
  average: { path: text, average: text },
  state: { path: text },
  draw: { path: text },
  field: { instance: text, field: text },
  step: {},
  index: {},
});

const output = union("role", {
  weight: { path: text },
  average: { path: text, average: text },
  state: { path: text },
  log: { name: text, every: count },
  sample: { field: text },
  probe: { name: text },
});

const program = record({ module: list(text), inputs: list(input), outputs: list(output), draws: list(draw) });

const startTensor = record({ name: text, shape: list(count), weights: list(text), module: list(text) });

const base = {
  version: { const: 1 },
  name: text,
  spec: text,
  seed: { type: "integer" },
  engine: { enum: ["auto", "tensorflow", "onnx", "tfjs", "reference"] },
  precision: { enum: ["f32", "bf16"] },
  weights: list(weight),
  states: list(state),
  sources: list(source),
};

export const trainPlanSchema: Schema = record({
  kind: { const: "train" },
  ...base,
  data: text,
  batch: positive,
  steps: count,
  averages: list(record({ name: text, decay: number })),
  checkpoint: positive,
  log: positive,
  start: list(record({ instance: text, file: text, layout: text, tensors: list(startTensor) }, ["layout", "tensors"])),
  phases: list(record({ from: count, program }), { minItems: 1 }),
});

export const samplePlanSchema: Schema = record(
  {
    kind: { const: "sample" },
    ...base,
    of: text,
    average: text,
    count,
    chunk: positive,
    labels: list(positive),
    program,
  },
  ["average"],
);
