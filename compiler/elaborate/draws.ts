/** `draw u: [token] ~ uniform`: an input of the compiled step, one element for each position of the map it stands in. */
import type { Span } from "../../grammar/source.js";
import type { DrawInfo } from "../plan/plan.js";
import { type Axis, namesOf, shapeOf } from "./axes.js";
import { sized, sizeOfExpr, specAxes } from "./axis-specs.js";
import { guard } from "./body.js";
import { plain } from "./evaluation.js";
import { loopScope, namesIn } from "./families.js";
import type { Frame } from "./frame.js";
import type { DrawBinding, Scope } from "./scope.js";
import { pick, wrap } from "./tensors.js";
import type { Val } from "./values.js";

/** Axes that count samples: a plan's own. */
export const sampleAxes: ReadonlySet<string> = new Set(["batch", "count"]);

export function makeDraw(scope: Scope, b: DrawBinding, index: number | undefined, span: Span): Val {
  const ctx = scope.ctx;
  const name = b.decl.target.name.text;
  if (b.decl.target.index && index === undefined) return ctx.fail("family-without-index", { name }, span);
  const known = b.members.get(index);
  if (known) return known;
  const home = loopScope(b.scope, b.decl.tail.loops[0]?.index.text, index);
  if (b.decl.tail.guard && !guard(home, b.decl.tail.guard))
    return ctx.fail("absent", { name }, span, {
      related: [{ span: b.decl.tail.guard.span, message: "this guard is false here" }],
    });
  if (index !== undefined) {
    const domain = namesIn(scope, b, span);
    if (!domain.includes(index))
      return ctx.fail("index-range", { name, index, range: `${domain[0]}..${domain[domain.length - 1]}` }, span);
  }
  const v = b.fed ? fedMember(scope, b, index, span) : fresh(scope, b, home, index, span);
  b.members.set(index, v);
  return v;
}

const owners = new WeakMap<Frame, Map<string, unknown>>();

/** Two draws of one name would be equal in silence (language reference §6.2). `b`: the draw, or the call of a function that makes it. */
export function claim(scope: Scope, path: string, b: unknown, span: Span): void {
  const made = owners.get(scope.frame) ?? new Map<string, unknown>();
  owners.set(scope.frame, made);
  const before = made.get(path);
  if (before && before !== b)
    scope.ctx.fail("ambiguous-draw", { path }, span, {
      help: ["give each call a `let` of its own; to share the numbers hand them over by name"],
    });
  made.set(path, b);
}

function fedMember(scope: Scope, b: DrawBinding, index: number | undefined, span: Span): Val {
  const v = plain(b.fed as Val);
  if (index === undefined || v.kind !== "tensor") return v;
  const domain = namesIn(scope, b, span);
  const lead = v.axes.find((a) => a.tag === 0);
  return lead ? pick(v, lead, domain.indexOf(index)) : v;
}

function fresh(scope: Scope, b: DrawBinding, home: Scope, index: number | undefined, span: Span): Val {
  const ctx = scope.ctx;
  const type = b.decl.type;
  const path = `${scope.drawPath}.${b.decl.target.name.text}${index === undefined ? "" : `(${index})`}`;
  const wrongLift = scope.lifted.find((a) => !sampleAxes.has(a.name));
  if (wrongLift)
    return ctx.fail("draw-lifted", { draw: b.decl.target.name.text, axis: wrongLift.name }, span, {
      related: [{ span: b.decl.span, message: "the draw" }],
    });
  claim(scope, path, b, span);
  const law = b.decl.law.text;
  if (law !== "uniform" && law !== "normal") return ctx.fail("unknown-law", { law }, b.decl.law.span);
  if (!type) return input(scope, path, law, undefined, []);
  if (type.kind === "IndexType") {
    const size = type.size ? sizeOfExpr(type.size, home) : home.axisSize(type.axis.text);
    if (size === undefined) return ctx.fail("unsized-axis", { axis: type.axis.text }, type.span);
    const own = type.axes ? sized(specAxes(type.axes, home).axes, home, type.span) : [];
    const v = input(scope, path, "index", size, own);
    return v.kind === "tensor" ? { ...v, over: { axis: type.axis.text, size } } : v;
  }
  if (type.kind !== "AxesType") return ctx.fail("draw-type", {}, type.span);
  const spec = specAxes(type.axes, home);
  if (spec.star) {
    if (home.owner.starFields) {
      const fields = new Map<string, Val>();
      for (const [f, axes] of home.owner.starFields) fields.set(f, input(scope, `${path}.${f}`, law, undefined, axes));
      return { kind: "record", fields };
    }
    const star = home.owner.star;
    if (!star) return ctx.fail("star-unbound", {}, type.span);
    return input(scope, path, law, undefined, star);
  }
  return input(scope, path, law, undefined, sized(spec.axes, home, type.span));
}

function input(scope: Scope, path: string, law: DrawInfo["law"], size: number | undefined, own: readonly Axis[]): Val {
  const axes = [...scope.lifted, ...own];
  const info: DrawInfo = {
    path,
    law,
    size,
    shape: shapeOf(axes),
    axes: namesOf(axes),
    batch: scope.lifted.some((a) => sampleAxes.has(a.name)),
  };
  return wrap(scope.frame, scope.frame.draw(info, axes), axes);
}
