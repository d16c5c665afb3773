/** Types: which names of types there are, and the axes in them. */
import type { AxesSpec, TypeNode } from "../../grammar/tree.js";
import type { Checker } from "./checker.js";
import { checkExpr } from "./expressions.js";
import type { Space } from "./space.js";
import { suggest } from "./suggest.js";

export function checkSpec(c: Checker, spec: AxesSpec | undefined, s: Space, making: boolean): void {
  if (!spec) return;
  for (const i of [...spec.items, ...(spec.arrow ?? [])]) {
    if (i.kind !== "axis") continue;
    if (i.size) checkExpr(c, i.size, s);
    else if (!making || s.isAxisName(i.name.text)) c.readAxis(i.name.text, i.name.span, s);
  }
}

const typeNames: ReadonlySet<string> = new Set([
  "int",
  "float",
  "bool",
  "string",
  "range",
  "axes",
  "list",
  "init",
  "shape",
  "fn",
  "part",
  "model",
  "loss",
  "objective",
  "sampler",
  "optimizer",
  "encoder",
  "data",
  "metric",
  "sample",
  "evaluate",
]);

/** `making`: axes without a size are bound here (a signature); otherwise they must be known (a weight, a state, a draw). */
export function checkType(c: Checker, t: TypeNode | undefined, s: Space, making: boolean): void {
  if (!t) return;
  switch (t.kind) {
    case "AxesType":
      checkSpec(c, t.axes, s, making);
      return;
    case "IndexType":
      if (t.size) checkExpr(c, t.size, s);
      checkSpec(c, t.axes, s, making);
      return;
    case "NamedType":
      if (t.name.text !== "" && !typeNames.has(t.name.text))
        c.report("unknown-type", { name: t.name.text }, t.name.span, suggest(t.name.text, t.name.span, typeNames));
      if (t.name.text === "bool") checkSpec(c, t.axes, s, making);
      return;
    case "SignatureType":
      if (t.name.text !== "" && !typeNames.has(t.name.text))
        c.report("unknown-type", { name: t.name.text }, t.name.span, suggest(t.name.text, t.name.span, typeNames));
      for (const i of t.inputs) checkType(c, i.type, s, true);
      checkType(c, t.result, s, true);
      return;
    case "RecordType":
      for (const f of t.fields) checkType(c, f.type, s, making);
      return;
    case "TupleType":
      for (const i of t.items) checkType(c, i, s, making);
      return;
    case "ChoiceType":
      return;
  }
}
