/** The backward half of one step: gradients, clip, optimizers. */
import type { Expr } from "../../grammar/tree.js";
import { toNumber } from "../elaborate/convert.js";
import type { Ctx } from "../elaborate/ctx.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate } from "../elaborate/expr.js";
import type { MainFrame } from "../elaborate/frame.js";
import { resolveRef } from "../elaborate/make-instance.js";
import type { Scope } from "../elaborate/scope.js";
import { type DefinitionVal, describe, type InstanceVal } from "../elaborate/values.js";
import { type Value as Node, tensor } from "../ir/graph.js";
import type { Gradient } from "./gradient.js";
import { Optimizers } from "./optimizer.js";
import type { StateInfo, WeightInfo } from "./plan.js";
import { excepted, matches, readSelect, type Selection, selected } from "./select.js";
import { minimizeName, type Objective } from "./terms.js";

interface Group {
  readonly label: string;
  readonly optimizer: DefinitionVal | InstanceVal;
  readonly over: readonly Selection[] | undefined;
  readonly objective: string;
  readonly span: Expr["span"];
}

/** What all phases know of the run. */
export interface Run {
  /** States of the plan, to which those of the optimizers are added. */
  readonly states: Map<string, StateInfo>;
  /** Weights that some `minimize` takes. */
  readonly covered: Set<string>;
  /** Updates that each weight had in the phases before. */
  readonly updates: ReadonlyMap<string, number>;
  readonly from: number;
}

export class Step {
  readonly newWeights = new Map<string, Node>();
  readonly newStates = new Map<string, Node>();
  readonly norms = new Map<string, Node>();
  private readonly takenBy = new Map<string, string[]>();
  private readonly optimizers: Optimizers;

  constructor(
    private readonly ctx: Ctx,
    private readonly P: Scope,
    private readonly frame: MainFrame,
    private readonly run: Run,
  ) {
    this.optimizers = new Optimizers(P);
  }

  /** `reached`: the gradients of the objective; `weights`: all that its plan reads. */
  train(o: Objective, weights: readonly WeightInfo[], reached: readonly Gradient[], several: boolean): void {
    const groups = this.groups(o, several);
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
      if (group.over || reachedHere) this.run.covered.add(w.path);
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

  /** The `minimize` whose gradient moves a weight. */
  objectiveOf(path: string): string | undefined {
    return this.takenBy.get(path)?.[0];
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
      this.run.states.set(path, { path, shape: f.shape, axes: seen.axes, init: s.init });
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
    const before = this.run.updates.get(w.path) ?? 0;
    const step = this.frame.step();
    const shift = before - this.run.from;
    return shift === 0 ? step : b.emit("add", [step, b.constant(tensor([], []), shift)], {});
  }
}
