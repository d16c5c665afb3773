/** `start` of a train plan: the files that weights are loaded from before the first step (language reference §8.1). */
import type { CallExpr, Expr, LayoutDecl } from "../../grammar/tree.js";
import { plain } from "../elaborate/evaluation.js";
import { evaluate, evaluateStatic } from "../elaborate/expr.js";
import type { Scope } from "../elaborate/scope.js";
import { describe } from "../elaborate/values.js";
import { FnBuilder } from "../ir/builder.js";
import { tensor } from "../ir/graph.js";
import { toFile } from "./gather.js";
import type { Key } from "./keys.js";
import { type FileTensor, fileTensors, findLayout } from "./layout.js";
import type { Start, StartTensor } from "./plan.js";

const wanted = '`fresh`, or a record of files, `(net: load("file.safetensors"))`';

/** In the order of the record. To be asked for when the weights and the taps of the instances are known. */
export function readStart(scope: Scope, key: Key | undefined): Start[] {
  const { ctx } = scope;
  const value = key?.setting.value;
  if (!key || !value || key.value.kind === "word") return [];
  return (
    ctx.attempt(() => {
      const record = value.kind === "Group" ? value.inner : value;
      if (record.kind !== "Record")
        return ctx.fail("key-type", { name: "start", wanted, found: "an expression" }, value.span);
      return record.fields.flatMap((f) => ctx.attempt(() => one(scope, f.name, f.value)) ?? []);
    }) ?? []
  );
}

function one(scope: Scope, name: { readonly text: string; readonly span: Expr["span"] }, value: Expr): Start {
  const { ctx } = scope;
  const v = plain(evaluate({ kind: "Name", name: name.text, span: name.span }, scope));
  if (v.kind === "error") return ctx.silent();
  const instance = v.kind === "instance" ? v.instance : undefined;
  if (!instance || ![...ctx.weights.keys()].some((path) => path.startsWith(`${instance.path}.`)))
    return ctx.fail(
      "key-type",
      { name: "start", wanted: "instances that have weights", found: describe(v) },
      name.span,
    );
  const call = loadOf(value);
  const [file, layout] = call?.args ?? [];
  if (!call || !file || call.args.length > 2)
    return ctx.fail("key-type", { name: "start", wanted, found: "something else" }, value.span);
  const path = plain(evaluateStatic(file.value, scope));
  if (path.kind !== "string")
    return ctx.fail("key-type", { name: "start", wanted: "the path of a file", found: describe(path) }, file.span);
  if (!layout) return { instance: instance.path, file: path.value };
  const decl = layoutOf(scope, layout.value);
  const tensors = fileTensors(ctx, decl, instance, "", scope).map(startTensor);
  return { instance: instance.path, file: path.value, layout: decl.name.text, tensors };
}

function loadOf(e: Expr): CallExpr | undefined {
  return e.kind === "Call" && e.callee.kind === "Name" && e.callee.name === "load" ? e : undefined;
}

function layoutOf(scope: Scope, e: Expr): LayoutDecl {
  if (e.kind === "Def") return findLayout(scope, e.name.text, e.span, scope);
  return scope.ctx.fail("key-type", { name: "start", wanted: "the name of a layout", found: "an expression" }, e.span);
}

/** A computed table becomes the numbers that the file should have: a runtime compares them. */
export function startTensor(t: FileTensor): StartTensor {
  const { name, shape, weights } = t;
  if (!t.table) return { name, shape, weights, module: t.module };
  const numbers = toFile(t, () => {
    throw new Error("a table has no weights");
  });
  const b = new FnBuilder("table", new Map());
  return { name, shape, weights, module: b.finishMain([b.constant(tensor(shape), Float64Array.from(numbers.data))]) };
}
