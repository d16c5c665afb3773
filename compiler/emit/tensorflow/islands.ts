/** Products as nodes of TensorFlow's own kernels, and what lies between them as functions that XLA compiles: equal ones once. */
import type { Fn, Op, Value } from "../../ir/graph.js";
import { type Island, type Item, islands, isView, sources, sourcesOf } from "../../passes/islands.js";
import { lower } from "./lowering.js";
import { type ElementType, elementType, type FunctionDef } from "./messages.js";
import { Scope } from "./scope.js";
import { Writer } from "./writer.js";

/** Writes the function into `ctx`. Gives the functions that it calls. `fn` has no ops that nobody needs. */
export function writeIslands(ctx: Scope, fn: Fn): FunctionDef[] {
  const items = islands(fn);
  const wanted = wantedIn(items, fn, ctx.build.half);
  const functions = new Map<string, FunctionDef>();
  for (const item of items)
    if ("op" in item) lower(ctx, item.op);
    else writeIsland(ctx, item.island, wanted, functions);
  return [...functions.values()];
}

/** An op that no item stands for. */
export function lowerView(ctx: Scope, op: Op): void {
  if (!isView(op)) throw new Error(`${op.kind} is read outside of its island, which does not give it`);
  lower(ctx, op);
}

/** What is read in 32 bits and what in bfloat16, views looked through. */
interface Wanted {
  readonly full: ReadonlySet<Value>;
  readonly half: ReadonlySet<Value>;
}

function wantedIn(items: readonly Item[], fn: Fn, half: boolean): Wanted {
  const full = new Set<Value>();
  const halves = new Set<Value>();
  for (const v of fn.results) for (const s of sourcesOf(v)) full.add(s);
  for (const item of items)
    if ("island" in item) for (const v of item.island.inputs) full.add(v);
    else if (half && item.op.kind === "dot")
      for (const v of item.op.operands) {
        const base = unshaped(v);
        if (base.op && !isView(base.op)) halves.add(base);
        else for (const s of sourcesOf(v)) full.add(s);
      }
    else for (const s of sources(item.op)) full.add(s);
  return { full, half: halves };
}

function unshaped(v: Value): Value {
  const [from] = v.op?.kind === "reshape" ? v.op.operands : [];
  return from ? unshaped(from) : v;
}

interface Port {
  readonly value: Value;
  readonly type: ElementType;
}

function writeIsland(
  ctx: Scope,
  { ops, inputs, outputs }: Island,
  wanted: Wanted,
  functions: Map<string, FunctionDef>,
): void {
  const into: Port[] = inputs.map((value) => ({
    value,
    type: ctx.isHalf(value) ? "bfloat16" : elementType(value.type.dtype),
  }));
  const out: Port[] = outputs.flatMap((value) => [
    ...(wanted.full.has(value) ? [{ value, type: elementType(value.type.dtype) }] : []),
    ...(wanted.half.has(value) ? [{ value, type: "bfloat16" } as const] : []),
  ]);
  const name = nameOf(body(ops, into, out, ctx), functions);
  const refs = into.map(({ value, type }) => (type === "bfloat16" ? ctx.half(value) : ctx.full(value)));
  const call = ctx.write.add("PartitionedCall", refs, {
    Tin: { types: into.map((p) => p.type) },
    Tout: { types: out.map((p) => p.type) },
    f: { fn: name },
    _XlaMustCompile: { bool: true },
  });
  out.forEach(({ value, type }, i) => {
    const ref = `${call}:output:${i}`;
    if (type === "bfloat16") ctx.setHalf(value, ref);
    else ctx.plain(value, ref);
  });
}

/** The function without its name. */
function body(
  ops: readonly Op[],
  into: readonly Port[],
  out: readonly Port[],
  { build }: Scope,
): Omit<FunctionDef, "name"> {
  const write = new Writer();
  const ctx = new Scope(write, build, true);
  const inputs = into.map(({ value, type }, i) => {
    const name = `in${i}`;
    if (type === "bfloat16") ctx.setHalf(value, name);
    else ctx.plain(value, name);
    return { name, type };
  });
  for (const op of ops) lower(ctx, op);
  const outputs = out.map(({ value, type }, i) => ({
    name: `out${i}`,
    type,
    from: type === "bfloat16" ? ctx.half(value) : ctx.full(value),
  }));
  return { inputs, outputs, nodes: write.nodes, effects: [] };
}

/** The name of an equal function that is there, or of a new one. */
function nameOf(fn: Omit<FunctionDef, "name">, functions: Map<string, FunctionDef>): string {
  const key = JSON.stringify(fn);
  const known = functions.get(key);
  if (known) return known.name;
  const name = `island${functions.size}`;
  functions.set(key, { name, ...fn });
  return name;
}
