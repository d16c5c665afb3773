import { toNumber } from "../convert.js";
import { sameVal } from "../make-instance.js";
import { describe, num, type Val } from "../values.js";
import { arg, argument, type Builtin, type Call, expectCount } from "./builtin.js";

function numberArg(call: Call, i: number): number {
  return toNumber(call.scope, arg(call, i), argument(call, i).span);
}

function listArg(call: Call, i: number): readonly Val[] {
  const v = arg(call, i);
  return v.kind === "list"
    ? v.items
    : call.scope.ctx.fail("wrong-kind", { wanted: "a list", found: describe(v) }, argument(call, i).span);
}

function sameItem(a: Val, b: Val): boolean {
  if (a.kind === "tuple" && b.kind === "tuple")
    return a.items.length === b.items.length && a.items.every((x, i) => sameItem(x, b.items[i] as Val));
  return sameVal(a, b);
}

function drawnFrom(law: "normal" | "uniform"): Builtin {
  return {
    signature: law === "normal" ? "normal(std)" : "uniform(bound)",
    run: (call) => {
      expectCount(call, 1);
      const x = numberArg(call, 0);
      return { kind: "init", rule: law === "normal" ? { law, std: x } : { law, bound: x } };
    },
  };
}

export const statics: Record<string, Builtin> = {
  int: { signature: "int(x)", run: (call) => num(Math.trunc(cleaned(numberArg(call, 0)))) },
  float: { signature: "float(x)", run: (call) => num(numberArg(call, 0)) },
  isqrt: {
    signature: "isqrt(n)",
    run: (call) => {
      const n = numberArg(call, 0);
      const r = Math.round(Math.sqrt(n));
      return r * r === n ? num(r) : call.scope.ctx.fail("not-square", { value: n }, argument(call, 0).span);
    },
  },
  len: { signature: "len(l)", run: (call) => num(listArg(call, 0).length) },
  take: {
    signature: "take(n, l)",
    run: (call) => ({ kind: "list", items: listArg(call, 1).slice(0, Math.max(0, numberArg(call, 0))) }),
  },
  item: {
    signature: "item(l, i)",
    run: (call) => {
      expectCount(call, 2);
      const items = listArg(call, 0);
      const i = numberArg(call, 1);
      return (
        items[i - 1] ??
        call.scope.ctx.fail(
          "index-range",
          { name: "item", index: i, range: `1..${items.length}` },
          argument(call, 1).span,
        )
      );
    },
  },
  distinct: {
    signature: "distinct(l)",
    run: (call) => {
      const found: Val[] = [];
      for (const x of listArg(call, 0)) if (!found.some((y) => sameItem(x, y))) found.push(x);
      return { kind: "list", items: found };
    },
  },
  normal: drawnFrom("normal"),
  uniform: drawnFrom("uniform"),
  load: { signature: "load(file, Layout)", run: (call) => call.scope.ctx.fail("load-only-in-start", {}, call.span) },
};

/** 0.1 * 30 is 3, also in floating point. */
function cleaned(x: number): number {
  const near = Math.round(x);
  return Math.abs(x - near) < 1e-9 ? near : x;
}
