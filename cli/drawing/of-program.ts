/**
 * The forward pass of a program at the level of parts: one node a part that has weights, one for each draw, field and logged number. What
 * lies between them (arithmetic without weights) is left out, only the ways through it are drawn.
 */
import type { Fn, Op, Value } from "../../compiler/ir/graph.js";
import { inline } from "../../compiler/passes/inline.js";
import type { Program } from "../../compiler/plan/plan.js";
import type { Picture, PictureEdge, PictureNode } from "./picture.js";

export function pictureOf(program: Program, title: string): Picture {
  // A network is opened up, its blocks are not.
  const { main } = inline(program.module, (fn) => fn.ops.some((op) => op.kind === "call"));
  const outputs = program.outputs.flatMap((output, i) => {
    const value = main.results[i];
    // The norm of the gradient is not of the forward pass.
    return output.role === "log" && value && !output.name.endsWith(".norm") ? [{ name: output.name, value }] : [];
  });
  const needed = ancestors(outputs.map(({ value }) => value));
  const nodes = new Map<string, PictureNode>();
  const owner = new Map<Value, string>();
  const weights = new Map<Value, string>();
  program.inputs.forEach((input, i) => {
    const param = main.params[i];
    if (!param) return;
    if (input.role === "weight") weights.set(param, input.path);
    else if (input.role === "average") weights.set(param, `ema ${input.path}`);
    else if (input.role === "draw" || input.role === "field") {
      const id = input.role === "draw" ? `draw ${input.path}` : `${input.instance}.${input.field}`;
      const label = input.role === "draw" ? input.path : id;
      if (!needed.has(param)) return;
      nodes.set(id, { id, label, detail: shapeText(param), kind: input.role === "draw" ? "draw" : "input" });
      owner.set(param, id);
    }
  });
  for (const op of main.ops) {
    if (!op.results.some((result) => needed.has(result))) continue;
    if (carriesWeight(op, weights)) continue;
    const part = partOf(op.operands.flatMap((operand) => weights.get(operand) ?? []));
    if (part !== undefined) {
      nodes.set(part, { id: part, label: part, detail: op.results[0] && shapeText(op.results[0]), kind: "part" });
      for (const result of op.results) owner.set(result, part);
    }
  }
  for (const { name } of outputs) nodes.set(`log ${name}`, { id: `log ${name}`, label: name, kind: "output" });
  const edges = new Map<string, PictureEdge>();
  const sources = sourcesIn(main, owner, weights);
  const connect = (value: Value, to: string) => {
    for (const from of sources(value)) if (from !== to) edges.set(`${from}\0${to}`, { from, to });
  };
  for (const op of main.ops) {
    const part = op.results[0] && owner.get(op.results[0]);
    if (part !== undefined) for (const operand of op.operands) connect(operand, part);
  }
  for (const { name, value } of outputs) connect(value, `log ${name}`);
  return { title, nodes: [...nodes.values()], edges: withoutCycles([...edges.values()]) };
}

function ancestors(values: readonly Value[]): Set<Value> {
  const found = new Set<Value>();
  const open = [...values];
  for (let value = open.pop(); value; value = open.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    open.push(...(value.op?.operands ?? []));
  }
  return found;
}

/** A weight that is reshaped or repeated is still that weight. */
function carriesWeight(op: Op, weights: Map<Value, string>): boolean {
  const [operand, another] = op.operands;
  const [result] = op.results;
  const path = operand && !another ? weights.get(operand) : undefined;
  if (path === undefined || !result) return false;
  weights.set(result, path);
  return true;
}

/** The part whose weights an op reads, not deeper than a member of a family or a child of an instance: `net.block.3`. */
function partOf(paths: readonly string[]): string | undefined {
  const [first, ...others] = paths.map((path) => path.split(".").slice(0, -1));
  if (!first) return undefined;
  let length = Math.min(first.length, /^\d+$/.test(first[2] ?? "") ? 3 : 2);
  for (const other of others)
    while (length > 1 && other.slice(0, length).join(".") !== first.slice(0, length).join(".")) length--;
  return first.slice(0, length).join(".");
}

/** The nodes that a value comes from, through ops that are no node of their own. */
function sourcesIn(main: Fn, owner: ReadonlyMap<Value, string>, weights: ReadonlyMap<Value, string>) {
  const known = new Map<Value, ReadonlySet<string>>();
  const look = (value: Value): ReadonlySet<string> => {
    const own = owner.get(value);
    return own !== undefined ? new Set([own]) : (known.get(value) ?? new Set());
  };
  for (const op of main.ops) {
    if (op.results[0] && owner.has(op.results[0])) continue;
    const from = new Set(
      op.operands.filter((operand) => !weights.has(operand)).flatMap((operand) => [...look(operand)]),
    );
    for (const result of op.results) known.set(result, from);
  }
  return look;
}

/** Two passes through the same inline part would make a ring: the edges that close one are left out. */
function withoutCycles(edges: readonly PictureEdge[]): PictureEdge[] {
  const next = new Map<string, string[]>();
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const open = [from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (id === to) return true;
      if (seen.has(id)) continue;
      seen.add(id);
      open.push(...(next.get(id) ?? []));
    }
    return false;
  };
  return edges.filter(({ from, to }) => {
    if (reaches(to, from)) return false;
    next.set(from, [...(next.get(from) ?? []), to]);
    return true;
  });
}

function shapeText({ type: { axes, shape } }: Value): string {
  return `[${axes.map((axis, i) => `${axis}: ${shape[i] ?? "?"}`).join(", ")}]`;
}
