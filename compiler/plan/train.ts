/**
 * A `train` plan as programs: the whole step (forward, losses, backward, clip, optimizers, states, averages) is one graph for each phase.
 */
import type { Expr, PlanDecl, Statement } from "../../grammar/tree.js";
import { axis, visible } from "../elaborate/axes.js";
import { declareBody, guard } from "../elaborate/body.js";
import type { Call } from "../elaborate/builtins/builtin.js";
import { checkRequires } from "../elaborate/call.js";
import { toNumber, toTensor } from "../elaborate/convert.js";
import type { Ctx } from "../elaborate/ctx.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import { loopScope, positions } from "../elaborate/families.js";
import { fileScope } from "../elaborate/files.js";
import { MainFrame } from "../elaborate/frame.js";
import { resolveRef } from "../elaborate/make-instance.js";
import { Scope } from "../elaborate/scope.js";
import { nextStates } from "../elaborate/states.js";
import { mean } from "../elaborate/tensors.js";
import { type DefinitionVal, describe, type InstanceVal, type TensorVal, type Val } from "../elaborate/values.js";
import type { FnBuilder } from "../ir/builder.js";
import { type Module, type Value as Node, tensor } from "../ir/graph.js";
import type { FileSymbols } from "../names/symbols.js";
import { vjp } from "../passes/vjp.js";
import type { FixtureMap } from "./fixture.js";
import { averagesOf, type Key, numberKey, readKeys, trainKeys } from "./keys.js";
import { Optimizers } from "./optimizer.js";
import type { Output, Program, Start, StateInfo, WeightInfo } from "./plan.js";
import { excepted, matches, readSelect, type Selection, selected } from "./select.js";
import { readStart } from "./start.js";
import { evaluateTerms, minimizeName, type Objective } from "./terms.js";

export interface TrainPhase {
  readonly from: number;
  readonly program: Program;
  readonly frame: MainFrame;
}

export interface BuiltTrain {
  readonly name: string;
  readonly decl: PlanDecl;
  readonly keys: ReadonlyMap<string, Key>;
  readonly batch: number;
  readonly steps: number;
  readonly averages: readonly { readonly name: string; readonly decay: number }[];
  readonly phases: readonly TrainPhase[];
  readonly states: ReadonlyMap<string, StateInfo>;
  /** Weights that some `minimize` takes. */
  readonly covered: ReadonlySet<string>;
  /** Files that weights are loaded from; none while a fixture is read. */
  readonly start: readonly Start[];
  readonly fixture: FixtureMap | undefined;
}

/** What `dit verify` asks besides: values by name, in the body of the plan. */
export type ReadProbes = (scope: Scope, frame: MainFrame) => FixtureMap;

interface Group {
  readonly label: string;
  readonly optimizer: DefinitionVal | InstanceVal;
  readonly over: readonly Selection[] | undefined;
  readonly objective: string;
  readonly span: Expr["span"];
}

export function planScope(ctx: Ctx, file: FileSymbols, decl: PlanDecl, frame: MainFrame, batch: number): Scope {
  const P = new Scope({
    ctx,
    kind: "plan",
    parent: fileScope(ctx, file),
    file,
    frame,
    training: true,
    path: decl.name.text,
    drawPath: decl.name.text,
  });
  P.axes.set("batch", batch);
  return P;
}

export function buildTrain(ctx: Ctx, file: FileSymbols, decl: PlanDecl, probes?: ReadProbes): BuiltTrain | undefined {
  const name = decl.name.text;
  const scope = fileScope(ctx, file);
  const keys = readKeys(scope, decl.keys, trainKeys, "train", decl.name.span);
  const batch = numberKey(keys, "batch", 1);
  const averages = averagesOf(keys);
  ctx.averages = averages.map((a) => a.name);
  const cuts = new Set<number>([0]);
  const phases: TrainPhase[] = [];
  const states = new Map<string, StateInfo>();
  const covered = new Set<string>();
  const updates = new Map<string, number>();
  const steps = numberKey(keys, "steps", 1);
  for (let done = -1; ; ) {
    const from = [...cuts].filter((c) => c > done && (c === 0 || c < steps)).sort((a, b) => a - b)[0];
    if (from === undefined) break;
    done = from;
    ctx.freshProgram(from, cuts);
    const phase = ctx.attempt(() =>
      buildPhase(ctx, file, decl, batch, averages, from, states, covered, updates, probes),
    );
    if (!phase) return undefined;
    const count = [...cuts].filter((c) => c < steps).length;
    if (count > 16) {
      ctx.report("too-many-phases", { count }, decl.name.span);
      break;
    }
    const next = [...cuts].filter((c) => c > from && c < steps).sort((a, b) => a - b)[0];
    if (next !== undefined) for (const w of phase.moved) updates.set(w, (updates.get(w) ?? 0) + next - from);
    phases.push({ from, program: phase.program, frame: phase.frame });
    if (probes)
      return { name, decl, keys, batch, steps, averages, phases, states, covered, start: [], fixture: phase.fixture };
  }
  const start = readStart(scope, keys.get("start"));
  return { name, decl, keys, batch, steps, averages, phases, states, covered, start, fixture: undefined };
}

interface BuiltPhase {
  readonly program: Program;
  readonly frame: MainFrame;
  readonly moved: ReadonlySet<string>;
  readonly fixture: FixtureMap | undefined;
}

function buildPhase(
  ctx: Ctx,
  file: FileSymbols,
  decl: PlanDecl,
  batch: number,
  averages: BuiltTrain["averages"],
  from: number,
  states: Map<string, StateInfo>,
  covered: Set<string>,
  updates: ReadonlyMap<string, number>,
  probes: ReadProbes | undefined,
): BuiltPhase {
  const frame = new MainFrame("step", ctx.fns);
  const P = planScope(ctx, file, decl, frame, batch);
  declareBody(P, decl.body, new Map());
  P.statements.push(...decl.body);
  checkRequires(P, decl.body, decl.name.span);
  const minimizes = decl.body.filter((s) => s.kind === "Minimize");
  if (minimizes.length === 0) return ctx.fail("no-minimize", { plan: decl.name.text }, decl.name.span);
  const objectives: Objective[] = [];
  const named = new Map<string, TensorVal>();
  for (const m of minimizes) {
    const o = evaluateTerms(P, m);
    if (o) {
      objectives.push(o);
      named.set(o.name, o.total);
      if (!P.bindings.has(o.name)) P.bindings.set(o.name, { kind: "value", value: o.total });
    }
  }
  const b = frame.builder;
  const outputs: { output: Output; node: Node }[] = [];
  ctx.gradient = (call) => gradientOf(call, P, frame);
  const logs = logEntries(P, decl.body);
  const step = new Step(ctx, P, frame, states, covered, updates, from);
  for (const o of objectives) step.train(o, minimizes.length > 1);
  step.checkTwice();
  const fixture = probes?.(P, frame);
  ctx.gradient = undefined;
  nextStates(P);

  for (const [path, node] of step.newWeights) outputs.push({ output: { role: "weight", path }, node });
  for (const [path, node] of step.newStates) outputs.push({ output: { role: "state", path }, node });
  for (const [path, node] of ctx.nexts) outputs.push({ output: { role: "state", path }, node });
  for (const [path, s] of frame.states)
    if (!states.has(path)) states.set(path, { path, shape: s.shape, axes: s.axes, init: s.init });
  for (const a of averages) {
    for (const path of covered) {
      const entry = ctx.weights.get(path);
      if (!entry) continue;
      const old = frame.weight(entry.info, a.name);
      const now = step.newWeights.get(path) ?? frame.weight(entry.info, undefined);
      outputs.push({ output: { role: "average", path, average: a.name }, node: average(b, old, now, a.decay) });
    }
  }
  const log = (n: string, node: Node, every: number) => outputs.push({ output: { role: "log", name: n, every }, node });
  for (const o of objectives) {
    log(o.name, o.total.node, 0);
    for (const t of o.terms)
      if (o.terms.length > 1 || t.term.name.text !== o.name) log(`${o.name}.${t.term.name.text}`, t.value.node, 0);
  }
  for (const [n, node] of step.norms) log(n, node, 0);
  for (const [n, t] of scalarLets(P)) if (!named.has(n)) log(n, t.node, 0);
  for (const l of logs) log(l.name, l.value.node, l.every);
  if (fixture) outputs.push(...probeOutputs(fixture, objectives[0], frame, ctx));
  b.finish(outputs.map((o) => o.node));
  ctx.fns.delete(b.fn.name);
  const module: Module = { fns: ctx.fns, main: b.fn };
  // A weight that nobody moves has no averaged copy: it is its own.
  const inputs = frame.inputs.map((i) =>
    i.role === "average" && !covered.has(i.path) ? { role: "weight" as const, path: i.path } : i,
  );
  return {
    program: { module, inputs, outputs: outputs.map((o) => o.output), draws: [...frame.draws.values()] },
    frame,
    moved: new Set(step.newWeights.keys()),
    fixture,
  };
}

/** Outputs of a fixture by name, and gradients of the first `minimize` by path of the weight. */
function probeOutputs(
  fixture: FixtureMap,
  o: Objective | undefined,
  frame: MainFrame,
  ctx: Ctx,
): { output: Output; node: Node }[] {
  const b = frame.builder;
  const found: { output: Output; node: Node }[] = fixture.outputs.map((p) => ({
    output: { role: "probe", name: p.nameAt(0) },
    node: p.value.node,
  }));
  const paths = [...new Set(fixture.grads.flatMap((g) => g.tensors.flatMap((t) => t.weights)))];
  const weights = paths.flatMap((p) => ctx.weights.get(p)?.info ?? []);
  if (!o || weights.length === 0) return found;
  const grads = vjp(
    b,
    [{ value: o.total.node, cotangent: b.constant(tensor([], []), 1) }],
    weights.map((w) => frame.weight(w, undefined)),
  );
  weights.forEach((w, i) => {
    found.push({
      output: { role: "probe", name: `grad:${w.path}` },
      node: grads[i] ?? b.constant(tensor(w.shape, w.axes), 0),
    });
  });
  return found;
}

function average(b: FnBuilder, old: Node, now: Node, decay: number): Node {
  const keep = b.emit("mul", [old, b.constant(old.type, decay)], {});
  const add = b.emit("mul", [now, b.constant(now.type, 1 - decay)], {});
  return b.emit("add", [keep, add], {});
}

/** The backward half of one step: gradients, clip, optimizers. */
class Step {
  readonly newWeights = new Map<string, Node>();
  readonly newStates = new Map<string, Node>();
  readonly norms = new Map<string, Node>();
  private readonly takenBy = new Map<string, string[]>();
  private readonly optimizers: Optimizers;

  constructor(
    private readonly ctx: Ctx,
    private readonly P: Scope,
    private readonly frame: MainFrame,
    private readonly states: Map<string, StateInfo>,
    private readonly covered: Set<string>,
    private readonly updates: ReadonlyMap<string, number>,
    private readonly from: number,
  ) {
    this.optimizers = new Optimizers(P);
  }

  train(o: Objective, several: boolean): void {
    const { frame } = this;
    const b = frame.builder;
    const groups = this.groups(o, several);
    const weights = [...frame.read.values()];
    const params = weights.map((w) => frame.weight(w, undefined));
    const grads = vjp(b, [{ value: o.total.node, cotangent: b.constant(tensor([], []), 1) }], params);
    const reached = weights.flatMap((w, i) => {
      const g = grads[i];
      return g ? [{ w, g }] : [];
    });
    const taken = weights.flatMap((w) => {
      const group = groups.find((g) =>
        g.over ? selected(g.over, w) : !groups.some((h) => h.over && (selected(h.over, w) || excepted(h.over, w))),
      );
      return group ? [{ w, group }] : [];
    });
    this.checkUntrained(
      o,
      groups,
      reached.map((r) => r.w),
    );
    for (const { w, group } of taken) {
      const reachedHere = reached.some((r) => r.w === w);
      if (group.over || reachedHere) this.covered.add(w.path);
      if (reachedHere) this.takenBy.set(w.path, [...(this.takenBy.get(w.path) ?? []), o.name]);
    }
    const moving = reached.flatMap(({ w, g }) => {
      const t = taken.find((x) => x.w === w);
      return t ? [{ w, g, group: t.group }] : [];
    });
    const factor = this.clip(
      o,
      moving.map((m) => m.g),
    );
    for (const m of moving) this.update(o, m.w, m.g, factor, m.group);
  }

  private groups(o: Objective, several: boolean): Group[] {
    const { ctx, P } = this;
    return o.statement.by.flatMap((by, i): Group[] => {
      if (several && !by.over) ctx.report("minimize-needs-over", {}, by.span);
      const group = ctx.attempt((): Group => {
        const optimizer = resolveRef(by.optimizer, P);
        if (optimizer.kind === "error") return ctx.silent();
        const of = optimizer.kind === "definition" ? optimizer.symbol.decl.of : optimizer.instance.definition.decl.of;
        if (of !== "optimizer")
          return ctx.fail("wrong-kind", { wanted: "an optimizer", found: describe(optimizer) }, by.optimizer.span);
        const over = by.over?.map((s) => {
          const selection = readSelect(P, s);
          for (const pattern of [selection.take, ...selection.except])
            if (![...ctx.weights.values()].some((w) => matches(pattern, w.info))) {
              const e = pattern.expr;
              ctx.report("selects-nothing", { path: e.span.source.text.slice(e.span.pos, e.span.end) }, e.span);
            }
          return selection;
        });
        return { label: `${o.name}${i + 1}`, optimizer, over, objective: o.name, span: by.span };
      });
      return group ? [group] : [];
    });
  }

  private checkUntrained(o: Objective, groups: readonly Group[], reached: readonly WeightInfo[]): void {
    // A group that could not be read may have taken them.
    if (groups.length < o.statement.by.length || groups.some((g) => !g.over)) return;
    const left = reached.filter((w) => !groups.some((g) => g.over && (selected(g.over, w) || excepted(g.over, w))));
    if (left.length === 0) return;
    const owners = [...new Set(left.map((w) => w.path.split(".")[0] ?? w.path))];
    const first = groups[0];
    this.ctx.report(
      "untrained-weight",
      {
        terms: o.terms.map((t) => `\`${t.term.name.text}\``).join(" and "),
        weights: `the weights of ${owners.map((n) => `\`${n}\``).join(", ")}`,
      },
      o.statement.span,
      {
        related: first ? [{ span: first.span, message: "only these" }] : [],
        help: [
          `add ${owners.map((n) => `\`${n}\``).join(", ")} to \`over\`, or leave \`over\` out; \`except\` says that they should stay as they are`,
        ],
      },
    );
  }

  /** A weight belongs to one `minimize`. */
  checkTwice(): void {
    for (const [path, names] of this.takenBy) {
      const [first, second] = names;
      if (first !== undefined && second !== undefined) {
        const again = this.P.statements.find((s) => s.kind === "Minimize" && minimizeName(s) === second);
        this.ctx.report("trained-twice", { weight: path, first, second }, again?.span ?? this.P.file.tree.span);
        return;
      }
    }
  }

  /** min(1, c / (norm + 1e-6)), the norm being that of all groups together. */
  private clip(o: Objective, grads: readonly Node[]): Node | undefined {
    const { ctx, P, frame } = this;
    const expr = o.statement.clip;
    if (!expr || grads.length === 0) return undefined;
    const v = plain(evaluate(expr, P));
    if (v.kind === "none") return undefined;
    const c = toNumber(P, v, expr.span, "a number, or `none`");
    if (c <= 0)
      return ctx.fail(
        "key-type",
        { name: "clip", wanted: "a number above 0, or `none`", found: describe(v) },
        expr.span,
      );
    const b = frame.builder;
    const scalar = tensor([], []);
    let total: Node | undefined;
    for (const g of grads) {
      const squares = b.emit("mul", [g, g], {});
      const sum = b.emit("reduce_sum", [squares], { axes: g.type.shape.map((_, i) => i) });
      total = total ? b.emit("add", [total, sum], {}) : sum;
    }
    const norm = b.emit("sqrt", [total as Node], {});
    this.norms.set(`${o.name}.norm`, norm);
    const ratio = b.emit("div", [b.constant(scalar, c), b.emit("add", [norm, b.constant(scalar, 1e-6)], {})], {});
    return b.emit("min", [ratio, b.constant(scalar, 1)], {});
  }

  private update(o: Objective, w: WeightInfo, g: Node, factor: Node | undefined, group: Group): void {
    const { ctx, frame } = this;
    const b = frame.builder;
    const f = ctx.attempt(() => this.optimizers.of(group.label, group.optimizer, w, group.span));
    if (!f) return;
    const clipped = factor
      ? b.emit("mul", [g, b.emit("broadcast", [factor], { shape: g.type.shape, axes: g.type.axes, dims: [] })], {})
      : g;
    const seen = { shape: f.shape, axes: f.shape.map((_, i) => `d${i}`) };
    const old = b.emit("reshape", [frame.weight(w, undefined)], seen);
    const grad = b.emit("reshape", [clipped], seen);
    const stateNodes = f.states.map((s) => {
      const path = `${this.P.path}.${o.name}.${s.name}/${w.path}`;
      this.states.set(path, { path, shape: f.shape, axes: seen.axes, init: s.init });
      return { path, node: frame.state(path, f.shape, seen.axes, s.init) };
    });
    const call = b.call(f.fn, [old, grad, this.count(w), ...stateNodes.map((s) => s.node)], group.span);
    const out = b.resultOf(call, 0);
    this.newWeights.set(w.path, b.emit("reshape", [out], { shape: w.shape, axes: w.axes }));
    stateNodes.forEach((s, i) => {
      this.newStates.set(s.path, b.resultOf(call, i + 1));
    });
  }

  /** How many updates the weight has had: known from the phases, so nothing has to be counted at run time. */
  private count(w: WeightInfo): Node {
    const b = this.frame.builder;
    const before = this.updates.get(w.path) ?? 0;
    const step = this.frame.step();
    const shift = before - this.from;
    return shift === 0 ? step : b.emit("add", [step, b.constant(tensor([], []), shift)], {});
  }
}

/** `grad(loss, X)`: the gradient that a `minimize` takes, before clipping, as a record by path. */
function gradientOf(call: Call, P: Scope, frame: MainFrame): Val {
  const ctx = P.ctx;
  const [of, by] = call.args.positional;
  const total = of && plain(of.value);
  if (!of || !by?.expr || !total || total.kind !== "tensor")
    return ctx.fail("missing-argument", { name: "X" }, call.span);
  const scalar = mean(total, visible(total.axes));
  const scope = by.scope ?? P;
  const selection = readSelect(scope, { terms: [{ path: by.expr }], span: by.span });
  const weights = [...frame.read.values()].filter((w) => selected([selection], w));
  if (weights.length === 0)
    return ctx.fail(
      "selects-nothing",
      { path: by.expr.span.source.text.slice(by.expr.span.pos, by.expr.span.end) },
      by.span,
    );
  const b = frame.builder;
  const grads = vjp(
    b,
    [{ value: scalar.node, cotangent: b.constant(tensor([], []), 1) }],
    weights.map((w) => frame.weight(w, undefined)),
  );
  const fields = new Map<string, Val>();
  weights.forEach((w, i) => {
    const g = grads[i] ?? b.constant(tensor(w.shape, w.axes), 0);
    fields.set(w.path, {
      kind: "tensor",
      dtype: "float",
      axes: w.axes.map((n, k) => axis(n, w.shape[k] as number)),
      node: g,
      frame,
      arrow: w.arrow,
    });
  });
  return { kind: "record", fields };
}

function logEntries(P: Scope, body: readonly Statement[]): { name: string; every: number; value: TensorVal }[] {
  const ctx = P.ctx;
  const entries: { name: string; every: number; value: TensorVal }[] = [];
  for (const s of body) {
    if (s.kind !== "Log") continue;
    ctx.attempt(() => {
      const every = toNumber(P, evaluate(s.every, P), s.every.span, "a number of steps");
      for (const e of s.entries) {
        let scopes: Scope[] = [P];
        for (const loop of e.tail.loops)
          scopes = scopes.flatMap((x) => positions(x, loop.range).map((k) => loopScope(x, loop.index.text, k)));
        for (const x of scopes) {
          if (e.tail.guard && !guard(x, e.tail.guard)) continue;
          ctx.attempt(() => {
            const index = e.target.index ? toNumber(x, evaluate(e.target.index, x), e.target.index.span) : undefined;
            const v = toTensor(x, evaluate(e.value, x), e.value.span);
            const left = visible(v.axes).filter((a) => a.name !== "batch");
            if (left.length > 0)
              ctx.fail(
                "term-axes",
                { term: e.target.name.text, axes: `[${left.map((a) => a.name).join(", ")}]` },
                e.value.span,
              );
            entries.push({
              name: index === undefined ? e.target.name.text : `${e.target.name.text}(${index})`,
              every,
              value: mean(v, visible(v.axes)),
            });
          });
        }
      }
    });
  }
  return entries;
}

/** Each scalar `let` of the plan that was computed is worth a line of the log. */
function scalarLets(P: Scope): Map<string, TensorVal> {
  const found = new Map<string, TensorVal>();
  const note = (name: string, v: Val) => {
    if (v.kind === "tensor" && v.axes.length === 0 && v.dtype === "float") found.set(name, v);
    else if (v.kind === "record") for (const [k, x] of v.fields) note(`${name}.${k}`, plain(x));
  };
  for (const [name, b] of P.bindings)
    if (b.kind === "lazy" && b.state === "done" && b.value) note(name, plain(b.value));
  return found;
}
