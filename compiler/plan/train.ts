/**
 * A `train` plan as programs: the whole step (forward, losses, backward, clip, optimizers, states, averages) is one graph for each phase.
 */
import type { PlanDecl } from "../../grammar/tree.js";
import { declareBody } from "../elaborate/body.js";
import { checkRequires } from "../elaborate/call.js";
import type { Ctx } from "../elaborate/ctx.js";
import { fileScope } from "../elaborate/files.js";
import { MainFrame } from "../elaborate/frame.js";
import { Scope } from "../elaborate/scope.js";
import { nextStates } from "../elaborate/states.js";
import type { TensorVal } from "../elaborate/values.js";
import type { FnBuilder } from "../ir/builder.js";
import { type Module, type Value as Node, tensor } from "../ir/graph.js";
import type { FileSymbols } from "../names/symbols.js";
import { vjp } from "../passes/vjp.js";
import type { FixtureMap } from "./fixture.js";
import { gradientOf } from "./gradient.js";
import { averagesOf, type Key, numberKey, readKeys, trainKeys } from "./keys.js";
import { logEntries, scalarLets } from "./log.js";
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
