/** Holds a plan against a file of numbers: loads its weights, feeds its inputs, compares what the file knows. */
import { sizeOf, type TensorType, type Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { type FixtureWeights, gradientName } from "../../compiler/plan/fixture.js";
import { type Filling, fromFile, toFile } from "../../compiler/plan/gather.js";
import type { FileTensor } from "../../compiler/plan/layout.js";
import type { Input, WeightInfo } from "../../compiler/plan/plan.js";
import type { CompiledFixture } from "../../compiler/plan/verify.js";
import type { Safetensors } from "../checkpoint/safetensors.js";
import type { Engine } from "../engines/engine.js";
import { largest, relativeError, type Tolerance } from "./compare.js";

export interface Row {
  readonly plan: string;
  readonly name: string;
  /** `undefined` where nothing could be compared. */
  readonly error: number | undefined;
  readonly verdict: "ok" | "differs" | "failed";
  readonly note?: string | undefined;
}

export interface Verification {
  readonly rows: readonly Row[];
  /** Names of the file that no plan of the spec compares or feeds. */
  readonly notCompared: readonly string[];
}

export async function verify(
  cases: readonly CompiledFixture[],
  file: Safetensors,
  engine: Engine,
  tolerance: Tolerance,
): Promise<Verification> {
  const rows: Row[] = [];
  const used = new Set<string>();
  for (const c of cases) rows.push(...(await new Run(c, file, engine, tolerance, used).rows()));
  return { rows, notCompared: [...file.entries.keys()].filter((n) => !used.has(n)) };
}

class Run {
  private readonly found: Row[] = [];
  private readonly infos: ReadonlyMap<string, WeightInfo>;
  /** Values something reads: a parameter that nothing reads needs no value. */
  private readonly read: ReadonlySet<Value>;

  constructor(
    private readonly c: CompiledFixture,
    private readonly file: Safetensors,
    private readonly engine: Engine,
    private readonly tolerance: Tolerance,
    private readonly used: Set<string>,
  ) {
    this.infos = new Map(c.weights.map((w) => [w.path, w]));
    const { main } = c.program.module;
    this.read = new Set([...main.ops.flatMap((op) => op.operands), ...main.results]);
  }

  async rows(): Promise<readonly Row[]> {
    const values = await this.startValues();
    if (!values) return this.found;
    const { program, map, kind } = this.c;
    const session = await this.engine.load(program.module, { mode: kind === "train" ? "whole" : "stepwise" });
    try {
      const steps = this.steps();
      for (let step = 0; step < steps; step++) {
        const inputs = await this.inputs(values, step);
        if (!inputs) return this.found;
        const results = await session.run(inputs);
        await this.compare(results, step);
        this.noteGradients(results);
        program.outputs.forEach((o, i) => {
          const r = results.get(i);
          if (r && (o.role === "weight" || o.role === "average" || o.role === "state")) values.set(keyOf(o), r);
        });
        // What does not count steps in its name is of the first step (gradients) or of the last (weights after all).
        for (const after of map.after)
          if (counts(after) || step === steps - 1) await this.compareAfter(after, values, step);
      }
    } finally {
      await session.dispose();
    }
    return this.found;
  }

  private say(name: string, error: number | undefined, verdict: Row["verdict"], note?: string): void {
    this.found.push({ plan: this.c.plan, name, error, verdict, note });
  }

  /** How many steps the file has: entries whose names count them, `input/x.{step}`. */
  private steps(): number {
    const counting = this.c.map.inputs.find(counts);
    if (!counting) return 1;
    let n = 0;
    while (this.file.entries.has(counting.nameAt(n))) n++;
    return n;
  }

  /** Weights and averages from the file, states at their start. */
  private async startValues(): Promise<Map<string, HostTensor> | undefined> {
    const filling: Filling = new Map();
    const averaged = new Map<string, Filling>();
    for (const w of this.c.map.weights) {
      const target = w.average === undefined ? filling : (averaged.get(w.average) ?? new Map());
      if (w.average !== undefined) averaged.set(w.average, target);
      for (const t of w.tensors) await this.load(t, target);
    }
    const values = new Map<string, HostTensor>();
    let whole = true;
    for (const i of this.c.program.inputs) {
      if (i.role !== "weight" && i.role !== "average") continue;
      const source = i.role === "average" ? averaged.get(i.average) : undefined;
      const data = source?.get(i.path) ?? filling.get(i.path);
      if (!data || data.some(Number.isNaN)) {
        if (this.infos.has(i.path)) this.say(`weight ${i.path}`, undefined, "failed", "the file has no value for it");
        whole = false;
        continue;
      }
      values.set(keyOf(i), { dtype: "float", shape: this.infos.get(i.path)?.shape ?? [], data });
    }
    for (const s of this.c.states)
      values.set(`state ${s.path}`, {
        dtype: "float",
        shape: s.shape,
        data: new Float64Array(sizeOf(s.shape)).fill(s.init),
      });
    return whole ? values : undefined;
  }

  private async load(t: FileTensor, filling: Filling): Promise<void> {
    const tensor = await this.tensor(t.name);
    if (!tensor) return;
    if (t.table) {
      // A computed table: written by an export, compared on reading.
      const ours = toFile(t, () => tensor);
      this.judge(t.name, ours, tensor, 0);
      return;
    }
    const wrong = fromFile(t, tensor, filling);
    if (wrong) this.say(t.name, undefined, "failed", wrong);
  }

  private async tensor(name: string): Promise<HostTensor | undefined> {
    if (!this.file.entries.has(name)) {
      this.say(name, undefined, "failed", "the file has no such tensor");
      return undefined;
    }
    this.used.add(name);
    return this.file.read(name);
  }

  private async inputs(
    values: ReadonlyMap<string, HostTensor>,
    step: number,
  ): Promise<Map<number, HostTensor> | undefined> {
    const { program, map } = this.c;
    const filling: Filling = new Map();
    for (const i of map.inputs) {
      const tensor = await this.tensor(i.nameAt(step));
      const wrong = tensor && fromFile(i.tensor, withNone(firstOf(tensor, i.tensor), i.none), filling);
      if (wrong) this.say(i.nameAt(step), undefined, "failed", wrong);
    }
    const fed = new Map<number, HostTensor>();
    program.module.main.params.forEach(({ type: { dtype, shape } }, k) => {
      const data = filling.get(String(k));
      if (data && !data.some(Number.isNaN)) fed.set(k, { dtype, shape, data: numbersOf(dtype, data) });
    });
    let whole = true;
    program.inputs.forEach((input, k) => {
      if (fed.has(k)) return;
      const param = program.module.main.params[k];
      const value =
        this.own(input, values, step, param?.type.shape ?? []) ??
        (param && !this.read.has(param) ? zeros(param.type) : undefined);
      if (value) fed.set(k, value);
      else {
        whole = false;
        this.say(
          input.role === "draw"
            ? `draw ${input.path}`
            : input.role === "field"
              ? `field ${input.instance}.${input.field}`
              : keyOf(input),
          undefined,
          "failed",
          "the fixture map does not feed it",
        );
      }
    });
    return whole ? fed : undefined;
  }

  private own(
    input: Input,
    values: ReadonlyMap<string, HostTensor>,
    step: number,
    shape: readonly number[],
  ): HostTensor | undefined {
    switch (input.role) {
      case "weight":
      case "average":
      case "state":
        return values.get(keyOf(input));
      case "step":
        return { dtype: "float", shape: [], data: Float64Array.of(step) };
      case "index":
        return { dtype: "index", shape, data: Int32Array.from({ length: shape[0] ?? 0 }, (_, i) => i) };
      case "draw":
      case "field":
        return undefined;
    }
  }

  private async compare(results: ReadonlyMap<number, HostTensor>, step: number): Promise<void> {
    const probes = new Map<string, HostTensor>();
    this.c.program.outputs.forEach((o, i) => {
      const r = results.get(i);
      if (o.role === "probe" && r) probes.set(o.name, r);
    });
    for (const o of this.c.map.outputs.filter((x) => step === 0 || counts(x))) {
      const ours = probes.get(o.nameAt(0));
      const file = await this.tensor(o.nameAt(step));
      if (ours && file) this.judge(o.nameAt(step), ours, file, 0);
    }
    const grads = this.c.map.grads
      .filter((g) => step === 0 || counts(g))
      .flatMap((g) => g.tensors.map((t) => ({ t, name: renamed(t, g, step), of: g.total && g.nameAt(0) })));
    let top = 0;
    const pairs: { name: string; ours: HostTensor; file: HostTensor }[] = [];
    for (const { t, name, of } of grads) {
      // A table that is not trained has no gradient.
      if (t.weights.length === 0) continue;
      if (!this.file.entries.has(name)) continue;
      const file = await this.tensor(name);
      if (!file) continue;
      const ours = toFile(
        t,
        (path) => probes.get(gradientName(of, path)) ?? { dtype: "float", shape: [], data: new Float64Array(1) },
      );
      top = Math.max(top, largest(file));
      pairs.push({ name, ours, file });
    }
    // A gradient that is zero by construction is rounding noise on both sides: it is measured against the largest gradient.
    for (const p of pairs) this.judge(p.name, p.ours, p.file, top * zeroGradient(this.engine));
  }

  private async compareAfter(
    after: FixtureWeights,
    values: ReadonlyMap<string, HostTensor>,
    step: number,
  ): Promise<void> {
    for (const t of after.tensors) {
      const name = renamed(t, after, step);
      if (!this.file.entries.has(name)) continue;
      const file = await this.tensor(name);
      if (!file) continue;
      if (t.table) {
        this.judge(
          name,
          toFile(t, () => file),
          file,
          0,
        );
        continue;
      }
      const ours = toFile(t, (path) => this.kept(after, path, values));
      const still = this.engine.precision === 32 ? toFile(t, (path) => this.still(path)) : undefined;
      this.judge(name, ours, file, 0, still);
    }
  }

  /** What the step left: a state of the optimizer, an average, a weight. A weight that nobody moves is its own average. */
  private kept(after: FixtureWeights, path: string, values: ReadonlyMap<string, HostTensor>): HostTensor {
    const { average, state, factor } = after;
    const found =
      state !== undefined
        ? values.get(`state ${this.c.plan}.${state}/${path}`)
        : ((average === undefined ? undefined : values.get(`average ${average} ${path}`)) ??
          values.get(`weight ${path}`));
    const shape = this.infos.get(path)?.shape ?? [];
    const data = found?.data ?? new Float64Array(sizeOf(shape));
    return { dtype: "float", shape, data: factor === 1 ? data : Float64Array.from(data, (x) => factor * x) };
  }

  /** The largest gradient each element of a weight has seen, relative to the largest of its weight. */
  private readonly seen = new Map<string, Float64Array>();

  private noteGradients(results: ReadonlyMap<number, HostTensor>): void {
    if (this.c.map.after.length === 0) return;
    this.c.program.outputs.forEach((o, i) => {
      const g = results.get(i);
      if (o.role !== "probe" || !o.name.startsWith("grad:") || !g) return;
      const path = o.name.slice("grad:".length);
      const seen = this.seen.get(path) ?? new Float64Array(g.data.length);
      const top = largest(g);
      if (top > 0)
        for (let k = 0; k < seen.length; k++) seen[k] = Math.max(seen[k] ?? 0, Math.abs(g.data[k] ?? 0) / top);
      this.seen.set(path, seen);
    });
  }

  /**
   * 1 where the true gradient is zero (a shift of all keys does not change a softmax). Adam divides a gradient by its own size, so in 32 bits
   * such an element moves by the learning rate in a direction that rounding decides: it cannot be compared.
   */
  private still(path: string): HostTensor {
    const shape = this.infos.get(path)?.shape ?? [];
    const seen = this.seen.get(path);
    // A weight without any gradient does not move at all.
    const moved = seen?.some((x) => x > 0) ?? false;
    return {
      dtype: "float",
      shape,
      data: Float64Array.from({ length: sizeOf(shape) }, (_, k) => (moved && (seen?.[k] ?? 1) < 1e-5 ? 1 : 0)),
    };
  }

  private judge(name: string, ours: HostTensor, file: HostTensor, floor: number, skip?: HostTensor): void {
    // A scalar that the file has in 32 bits is known no better than a tensor.
    const scalar = file.shape.length === 0 && this.file.entries.get(name)?.type === "F64";
    const error = relativeError(ours, file, floor, skip);
    const skipped = skip ? Array.from(skip.data).filter((x) => x !== 0).length : 0;
    if (error === undefined) {
      this.say(
        name,
        undefined,
        "differs",
        `shape [${file.shape.join(", ")}] in the file, [${ours.shape.join(", ")}] here`,
      );
      return;
    }
    const ok = error <= (scalar ? this.tolerance.scalar : this.tolerance.tensor);
    this.say(
      name,
      error,
      ok ? "ok" : "differs",
      skipped > 0 ? `${skipped} elements whose gradient is zero are left out` : undefined,
    );
  }
}

function zeroGradient(engine: Engine): number {
  return engine.precision === 64 ? 1e-6 : 1e-4;
}

function counts(of: { readonly nameAt: (step: number) => string }): boolean {
  return of.nameAt(0) !== of.nameAt(1);
}

function renamed(t: FileTensor, of: { readonly nameAt: (step: number) => string }, step: number): string {
  return of.nameAt(step) + t.name.slice(of.nameAt(0).length);
}

function keyOf(input: { readonly role: string; readonly path?: string; readonly average?: string }): string {
  return input.role === "average" ? `average ${input.average} ${input.path}` : `${input.role} ${input.path ?? ""}`;
}

function zeros({ dtype, shape }: TensorType): HostTensor {
  const n = sizeOf(shape);
  return {
    dtype,
    shape,
    data: dtype === "index" ? new Int32Array(n) : dtype === "bool" ? new Uint8Array(n) : new Float64Array(n),
  };
}

/** Of what feeds several draws the first ones, where a file has more: it may hold the noise of a longer run. */
function firstOf(
  tensor: HostTensor,
  { shape, weights }: { shape: readonly number[]; weights: readonly string[] },
): HostTensor {
  const more = (tensor.shape[0] ?? 0) > (shape[0] ?? 0);
  const fits = tensor.shape.length === shape.length && shape.every((d, i) => i === 0 || d === tensor.shape[i]);
  if (weights.length < 2 || !more || !fits) return tensor;
  return { ...tensor, shape, data: tensor.data.slice(0, sizeOf(shape)) };
}

/** `none` in place of the index that files have for it. */
function withNone(tensor: HostTensor, none: number | undefined): HostTensor {
  if (none === undefined || !tensor.data.includes(none)) return tensor;
  return { ...tensor, data: Float64Array.from(tensor.data, (i) => (i === none ? -1 : i)) };
}

function numbersOf(dtype: HostTensor["dtype"], data: Float64Array): HostTensor["data"] {
  return dtype === "index" ? Int32Array.from(data) : dtype === "bool" ? Uint8Array.from(data) : data;
}
