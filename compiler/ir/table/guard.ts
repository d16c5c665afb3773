/**
 * Products of a (co)tangent with a derivative that may be infinite. A cotangent is exactly 0 where a `select` did not take the branch, and
 * 0 times infinity must then be 0. Only factors that are not known to be finite are guarded. The guard replaces the factor, not the
 * product, so the product stays linear in the cotangent and its own derivatives are right where the factor is finite.
 */
import { compare, div, like, mul, select, unary } from "../build.js";
import type { FnBuilder } from "../builder.js";
import { none } from "../constant.js";
import type { Value } from "../graph.js";

export type Times = (b: FnBuilder, t: Value, f: Value) => Value;

/** t · f, which is 0 where t is 0 and f is not finite. */
export function guarded(b: FnBuilder, t: Value, f: Value): Value {
  if (b.facts(f).finite) return mul(b, t, f);
  const keep = b.emit("or", [compare(b, "ne", t, like(b, t, 0)), unary(b, "is_finite", f)], none);
  return mul(b, t, select(b, keep, f, like(b, f, 0)));
}

/**
 * The same for tangents, which may themselves be infinite where they come from a branch that is not taken: then they are 0 where the
 * factor is, as it is when the factor is a cotangent that did not get there.
 */
export function guardedTangent(b: FnBuilder, t: Value, f: Value): Value {
  if (b.facts(t).finite) return guarded(b, t, f);
  const keep = b.emit("or", [compare(b, "ne", f, like(b, f, 0)), unary(b, "is_finite", t)], none);
  return guarded(b, select(b, keep, t, like(b, t, 0)), f);
}

/** t / d, which is 0 where t is 0 and d is 0 or not a number. */
export function reciprocalFactor(b: FnBuilder, t: Value, d: Value): Value {
  const facts = b.facts(d);
  if (facts.nonzero && facts.finite) return div(b, t, d);
  const sound = compare(b, "gt", unary(b, "abs", d), like(b, d, 0));
  const keep = b.emit("or", [compare(b, "ne", t, like(b, t, 0)), sound], none);
  return div(b, t, select(b, keep, d, like(b, d, 1)));
}
