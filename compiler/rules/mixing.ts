/**
 * Which terms of a plan mix the samples of a batch: they are another loss where a step is computed in micro-batches. Definitions say so in
 * their signatures; in the plan itself everything is seen that is not a sum of means.
 */
import type { CallExpr, Expr, FnDecl, PlanDecl, Term } from "../../grammar/tree.js";
import { visitExpr, visitStatement } from "../names/mentions.js";
import type { FileSymbols } from "../names/symbols.js";
import { lookThrough } from "./facts.js";
import { mixesBatch, reachedByExpr } from "./reach.js";

export interface Mixing {
  readonly term: Term;
  /** What mixes, as a sentence. */
  readonly because: string;
}

export function mixingTerms(plan: PlanDecl, main: FileSymbols): Mixing[] {
  return plan.body.flatMap((s) => {
    if (s.kind !== "Minimize") return [];
    return s.terms.flatMap((term) => {
      const because = mixing(term.value, plan, main);
      return because === undefined ? [] : [{ term, because }];
    });
  });
}

/** Whether the size of its micro-batches changes what a plan computes, rounding apart. */
export function meansMicro(plan: PlanDecl, main: FileSymbols): boolean {
  const states = plan.body.flatMap((s) => (s.kind === "Next" ? [s.value] : []));
  return mixingTerms(plan, main).length > 0 || states.some((e) => mixing(e, plan, main) !== undefined);
}

function mixing(e: Expr, plan: PlanDecl, main: FileSymbols): string | undefined {
  const name = mixerOf(e, plan, main);
  if (name !== undefined) return `\`${name}\` mentions \`batch\``;
  const here = new Walk(plan, main).of(e, true);
  return here && `\`${here.span.source.text.slice(here.span.pos, here.span.end)}\` is no mean over samples`;
}

/** A definition or function that mentions `batch` and that an expression needs, `let`s of the plan looked through. */
export function mixerOf(e: Expr, plan: PlanDecl, main: FileSymbols): string | undefined {
  const seen = new Set<string>();
  const queue = [e];
  for (let x = queue.pop(); x; x = queue.pop()) {
    for (const symbol of reachedByExpr(x, main))
      if ((symbol.kind === "definition" && mixesBatch(symbol.decl)) || (symbol.kind === "fn" && fnMixes(symbol.decl)))
        return symbol.decl.name.text;
    for (const name of namesIn(x)) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (plan.body.some((s) => s.kind === "Fn" && s.name.text === name && fnMixes(s))) return name;
      queue.push(...letsOf(plan, name));
    }
  }
  return undefined;
}

function namesIn(e: Expr): string[] {
  const names: string[] = [];
  visitExpr(e, { expr: (x) => void (x.kind === "Name" && names.push(x.name)) });
  return names;
}

function fnMixes(decl: FnDecl): boolean {
  let found = mixesBatch(decl);
  const expr = (e: Expr): void => {
    if (namesBatch(e)) found = true;
  };
  for (const s of decl.body) visitStatement(s, { expr });
  return found;
}

/** The values of a name of the plan, those of a family all. */
function letsOf(plan: PlanDecl, name: string): Expr[] {
  return plan.body.flatMap((s) => {
    if (s.kind !== "Let") return [];
    const names = "pattern" in s.target ? s.target.pattern.map((n) => n.text) : [s.target.name.text];
    return names.includes(name) ? [s.value] : [];
  });
}

function namesBatch(e: Expr): boolean {
  if (e.kind === "Name") return e.name === "batch";
  return (
    e.kind === "Reindex" &&
    e.items.some((i) =>
      (i.kind === "to" ? [i.left, i.right] : [i.left]).some((side) => side.axes.some((a) => a.name.text === "batch")),
    )
  );
}

/** Without brackets they reduce over all axes, in a plan over `batch` too. */
const reductions: ReadonlySet<string> = new Set(["mean", "sum", "norm", "max", "min"]);

class Walk {
  private readonly open = new Set<string>();
  private readonly known = new Map<Expr, Map<boolean, Expr | undefined>>();

  constructor(
    private readonly plan: PlanDecl,
    private readonly main: FileSymbols,
  ) {}

  /** What is not the mean of something of each sample; `outer`: all that follows is linear in the value. */
  of(e: Expr, outer: boolean): Expr | undefined {
    const known = this.known.get(e) ?? new Map<boolean, Expr | undefined>();
    this.known.set(e, known);
    if (!known.has(outer)) known.set(outer, this.found(e, outer));
    return known.get(outer);
  }

  private found(e: Expr, outer: boolean): Expr | undefined {
    if (namesBatch(e)) return e;
    switch (e.kind) {
      case "Group":
        return this.of(e.inner, outer);
      case "Unary":
        return this.of(e.value, outer && e.op === "-");
      case "Binary":
        if (e.op === "+" || e.op === "-") return this.of(e.left, outer) ?? this.of(e.right, outer);
        if (e.op === "*") return this.product(e.left, e.right, outer) && this.product(e.right, e.left, outer);
        if (e.op === "/") return this.product(e.left, e.right, outer);
        return this.of(e.left, false) ?? this.of(e.right, false);
      case "If":
        return this.of(e.condition, false) ?? this.of(e.then, outer) ?? this.of(e.else, outer);
      case "Name":
        return this.named(e.name, outer);
      case "Call":
        return this.call(e, outer);
      default:
        return this.inside(e);
    }
  }

  /** `left` is free of samples or what is multiplied with it is. */
  private product(left: Expr, right: Expr, outer: boolean): Expr | undefined {
    const mixed = this.of(left, false) ?? this.of(right, false);
    if (!mixed || !outer) return mixed;
    return this.of(right, false) ?? (this.sampleFree(right) ? this.of(left, true) : mixed);
  }

  private call(e: CallExpr, outer: boolean): Expr | undefined {
    const { callee, args } = e;
    const head = callee.kind === "Reindex" ? callee.object : callee;
    const inArgs = () => {
      for (const a of args) {
        const found = this.of(a.value, false);
        if (found) return found;
      }
      return undefined;
    };
    if (head.kind === "Name" && reductions.has(head.name) && args.length === 1) {
      const all = callee.kind === "Name" || namesBatch(callee);
      return inArgs() ?? (all && !(outer && head.name === "mean") ? e : undefined);
    }
    return this.of(callee, false) ?? inArgs();
  }

  private named(name: string, outer: boolean): Expr | undefined {
    if (this.open.has(name)) return undefined;
    this.open.add(name);
    for (const value of letsOf(this.plan, name)) {
      const found = this.of(value, outer);
      if (found) {
        this.open.delete(name);
        return found;
      }
    }
    this.open.delete(name);
    return undefined;
  }

  /** Anywhere in an expression of another kind. */
  private inside(e: Expr): Expr | undefined {
    let found: Expr | undefined;
    visitExpr(e, {
      expr: (x) => {
        if (x !== e) found ??= namesBatch(x) ? x : x.kind === "Name" ? this.named(x.name, false) : undefined;
      },
    });
    return found;
  }

  /** Numbers, params, `step`, and functions of them. */
  private sampleFree(e: Expr): boolean {
    let free = true;
    visitExpr(e, {
      expr: (x) => {
        if (x.kind !== "Name" || x.name === "step") return;
        const symbol = this.main.seen.get(x.name);
        const own = lookThrough(this.plan, x);
        if (own !== x) free &&= own.kind !== "Name" && this.sampleFree(own);
        else
          free &&=
            symbol === undefined
              ? letsOf(this.plan, x.name).length === 0
              : symbol.kind === "param" || symbol.kind === "fn";
      },
    });
    return free;
  }
}
