/**
 * A `train` plan as programs: the whole step (forward, losses, backward, clip, optimizers, states, averages) is one graph for each phase.
 */
import type { Span } from "../../grammar/source.js";
import type { PlanDecl } from "../../grammar/tree.js";
import { declareBody } from "../elaborate/body.js";
import { checkRequires } from "../elaborate/call.js";
import type { Ctx } from "../elaborate/ctx.js";
import { fileScope } from "../elaborate/files.js";
import type { MainFrame } from "../elaborate/frame.js";
import { Scope } from "../elaborate/scope.js";
import { nextStates } from "../elaborate/states.js";
import type { TensorVal } from "../elaborate/values.js";
import type { FnBuilder } from "../ir/builder.js";
import { type Module, type Value as Node, tensor } from "../ir/graph.js";
import type { FileSymbols } from "../names/symbols.js";
import { vjp } from "../passes/vjp.js";
import { type FixtureMap, type FixtureWeights, gradientName } from "./fixture.js";
import { gradientOf, gradientsOf } from "./gradient.js";
import { averagesOf, type Key, numberKey, readKeys, trainKeys } from "./keys.js";
import { logEntries, scalarLets } from "./log.js";
import { Halves, type Sizes } from "./micro.js";
import type { Output, Program, Start, StateInfo } from "./plan.js";
import { readStart } from "./start.js";
import { Step } from "./step.js";
import { evaluateTerms, type Objective } from "./terms.js";

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
  /** Samples computed at once: `batch`, or a divisor of it. */
  readonly micro: number;
  readonly steps: number;
  readonly averages: readonly { readonly name: string; readonly decay: number }[];
  readonly phases: readonly TrainPhase[];
  readonly states: ReadonlyMap<string, StateInfo>;
  /** Weights that some `minimize` takes. */
  readonly covered: ReadonlySet<string>;
  /** Files that weights are loaded from; none while a fixture is read. */
  readonly start: readonly Start[];
  readonly fixture: FixtureMap | undefined;
  /** Calls of `grad` that would have to see the gradients of all micro-batches. */
  readonly gradients: readonly Span[];
}

/** What `dit verify` asks besides: values by name, in the body of the plan. */
export type ReadProbes = (scope: Scope, frame: MainFrame) => FixtureMap;

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
  // A fixture is compared on the whole batch: it means the same.
  const micro = probes ? batch : microOf(keys, batch);
  const averages = averagesOf(keys);
  ctx.averages = averages.map((a) => a.name);
  const cuts = new Set<number>([0]);
  const phases: TrainPhase[] = [];
  const states = new Map<string, StateInfo>();
  const covered = new Set<string>();
  const updates = new Map<string, number>();
  const gradients: Span[] = [];
  const steps = numberKey(keys, "steps", 1);
  for (let done = -1; ; ) {
    const from = [...cuts].filter((c) => c > done && (c === 0 || c < steps)).sort((a, b) => a - b)[0];
    if (from === undefined) break;
    done = from;
    ctx.freshProgram(from, cuts);
    const built: Built = { sizes: { batch, micro }, averages, from, states, covered, updates, gradients };
    const phase = ctx.attempt(() => buildPhase(ctx, file, decl, built, probes));
    if (!phase) return undefined;
    const count = [...cuts].filter((c) => c < steps).length;
    if (count > 16) {
      ctx.report("too-many-phases", { count }, decl.name.span);
      break;
    }
    const next = [...cuts].filter((c) => c > from && c < steps).sort((a, b) => a - b)[0];
    if (next !== undefined) for (const w of phase.moved) updates.set(w, (updates.get(w) ?? 0) + next - from);
    phases.push({ from, program: phase.program, frame: phase.frame });
    const common = { name, decl, keys, batch, micro, steps, averages, phases, states, covered, gradients };
    if (probes) return { ...common, start: [], fixture: phase.fixture };
  }
  const start = readStart(scope, keys.get("start"));
  return {
    name,
    decl,
    keys,
    batch,
    micro,
    steps,
    averages,
    phases,
    states,
    covered,
    gradients,
    start,
    fixture: undefined,
  };
}

/** One that does not divide the batch is an error (`micro-uneven`) and not followed here. */
function microOf(keys: ReadonlyMap<string, Key>, batch: number): number {
  const micro = numberKey(keys, "micro", batch);
  return batch % micro === 0 ? micro : batch;
}

/** What the phases of a run share and fill. */
interface Built {
  readonly sizes: Sizes;
  readonly averages: BuiltTrain["averages"];
  readonly from: number;
  readonly states: Map<string, StateInfo>;
  readonly covered: Set<string>;
  readonly updates: ReadonlyMap<string, number>;
  readonly gradients: Span[];
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
  built: Built,
  probes: ReadProbes | undefined,
): BuiltPhase {
  const { averages, states, covered } = built;
  const halves = new Halves(ctx, built.sizes);
  const { main: frame, seen } = halves;
  const P = planScope(ctx, file, decl, seen, built.sizes.micro);
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
  ctx.gradient = (call) => {
    if (seen !== frame) built.gradients.push(call.span);
    return gradientOf(call, P, seen);
  };
  const entries = logEntries(P, decl.body);
  const gradients = objectives.map((o) =>
    gradientsOf(o.total.node, seen, halves.share).map(({ w, g }) => ({ w, g: halves.ask(g, "sum") })),
  );
  const fixture = probes?.(P, seen);
  ctx.gradient = undefined;
  nextStates(P);
  const nexts = [...ctx.nexts].map(([path, node]) => ({ path, node: halves.ask(node, halves.stateJoin(path)) }));
  ctx.nexts.clear();
  const log = (name: string, value: TensorVal, every = 0) => ({ name, every, node: halves.ask(value.node, "mean") });
  const losses = objectives.flatMap((o) => [
    log(o.name, o.total),
    ...o.terms
      .filter((t) => o.terms.length > 1 || t.term.name.text !== o.name)
      .map((t) => log(`${o.name}.${t.term.name.text}`, t.value)),
  ]);
  const others = [
    ...[...scalarLets(P)].filter(([n]) => !named.has(n)).map(([n, t]) => log(n, t)),
    ...entries.map((e) => log(e.name, e.value, e.every)),
  ];
  halves.join();

  // A rate that depends on the batch means all of it.
  P.axes.set("batch", built.sizes.batch);
  const step = new Step(ctx, P, frame, built);
  const weights = [...seen.read.values()];
  objectives.forEach((o, i) => {
    const reached = (gradients[i] ?? []).map(({ w, g }) => ({ w, g: g() }));
    step.train(o, weights, reached, minimizes.length > 1);
  });
  step.checkTwice();

  const moved = new Set(step.newWeights.keys());
  for (const { path, node } of nexts) {
    if (!ctx.weights.has(path)) continue;
    step.newWeights.set(path, node());
    covered.add(path);
  }
  for (const [path, node] of step.newWeights) outputs.push({ output: { role: "weight", path }, node });
  for (const [path, node] of step.newStates) outputs.push({ output: { role: "state", path }, node });
  for (const { path, node } of nexts)
    if (!ctx.weights.has(path)) outputs.push({ output: { role: "state", path }, node: node() });
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
  const norms = [...step.norms].map(([name, node]) => ({ name, every: 0, node: () => node }));
  for (const { name, every, node } of [...losses, ...norms, ...others])
    outputs.push({ output: { role: "log", name, every }, node: node() });
  if (fixture) outputs.push(...probeOutputs(fixture, objectives, step, frame, ctx));
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
    moved,
    fixture,
  };
}

/** Outputs of a fixture by name, and gradients by path of the weight. */
function probeOutputs(
  fixture: FixtureMap,
  objectives: readonly Objective[],
  step: Step,
  frame: MainFrame,
  ctx: Ctx,
): { output: Output; node: Node }[] {
  const b = frame.builder;
  const found: { output: Output; node: Node }[] = fixture.outputs.map((p) => ({
    output: { role: "probe", name: p.nameAt(0) },
    node: p.value.node,
  }));
  const probe = (total: Node, paths: readonly string[], name: (path: string) => string) => {
    const weights = [...new Set(paths)].flatMap((p) => ctx.weights.get(p)?.info ?? []);
    if (weights.length === 0) return;
    const grads = vjp(
      b,
      [{ value: total, cotangent: b.constant(tensor([], []), 1) }],
      weights.map((w) => frame.weight(w, undefined)),
    );
    weights.forEach((w, i) => {
      found.push({
        output: { role: "probe", name: name(w.path) },
        node: grads[i] ?? b.constant(tensor(w.shape, w.axes), 0),
      });
    });
  };
  const pathsOf = (g: FixtureWeights) => g.tensors.flatMap((t) => t.weights);
  const own = fixture.grads.filter((g) => !g.total).flatMap(pathsOf);
  objectives.forEach((o, i) => {
    const mine = (path: string) => (step.objectiveOf(path) ?? objectives[0]?.name) === o.name;
    if (objectives.findIndex((x) => x.name === o.name) === i)
      probe(o.total.node, own.filter(mine), (path) => gradientName(undefined, path));
  });
  for (const g of fixture.grads)
    if (g.total) probe(g.total.node, pathsOf(g), (path) => gradientName(g.nameAt(0), path));
  return found;
}

function average(b: FnBuilder, old: Node, now: Node, decay: number): Node {
  const keep = b.emit("mul", [old, b.constant(old.type, decay)], {});
  const add = b.emit("mul", [now, b.constant(now.type, 1 - decay)], {});
  return b.emit("add", [keep, add], {});
}
