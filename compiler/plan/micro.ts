/**
 * Gradient accumulation (language reference §8.1, `micro`): what of a step sees samples is a function of the graph, called once for each
 * micro-batch with its part of the inputs. So the activations of one micro-batch are alive at a time, and the graph does not grow with
 * their number. Inputs of the step stay those of the whole batch: the same draws, the same data.
 */
import { type Axis, axis } from "../elaborate/axes.js";
import type { Ctx } from "../elaborate/ctx.js";
import { MainFrame } from "../elaborate/frame.js";
import { add, scale } from "../ir/build.js";
import { exportValue } from "../ir/builder.js";
import type { Fn, Value as Node } from "../ir/graph.js";
import type { Input } from "./plan.js";

export interface Sizes {
  readonly batch: number;
  readonly micro: number;
}

/** What a value of one micro-batch tells about the batch. */
export type Join =
  /** A part of a sum. */
  | "sum"
  /** The batch has the mean of all. What no sample has a part in is the same in all of them. */
  | "mean"
  /** The samples of the micro-batch, along the axis `batch`. */
  | "samples";

/** The step: `main` as a whole, `seen` what of it sees samples. One frame if all samples are computed at once. */
export class Halves {
  readonly main: MainFrame;
  readonly seen: MainFrame;
  private readonly asked: Asked[] = [];

  constructor(
    private readonly ctx: Ctx,
    private readonly sizes: Sizes,
  ) {
    this.main = new MainFrame("step", ctx.fns);
    // With a dot, no instance has this name.
    this.seen = sizes.micro < sizes.batch ? new MainFrame("step.micro", ctx.fns) : this.main;
  }

  /** The part of the batch that one call sees. */
  get share(): number {
    return this.sizes.micro / this.sizes.batch;
  }

  /** Says which value of `seen` will be wanted; what is given back knows it after `join`. */
  ask(node: Node, join: Join): () => Node {
    if (this.seen === this.main) return () => node;
    const asked: Asked = { node, join, parts: [] };
    this.asked.push(asked);
    return () => this.whole(asked);
  }

  /** Closes `seen` and calls it for one micro-batch after the other. */
  join(): void {
    const { main, seen, sizes } = this;
    if (seen === main) return;
    const fn = seen.builder.fn;
    const operands = seen.inputs.map((input, i) => this.operand(input, fn.params[i]));
    const sampled = dependents(
      fn,
      fn.params.filter((_, i) => (operands[i]?.dims.length ?? 0) > 0),
    );
    const results = this.asked.map((asked) => {
      const { node, join, parts } = asked;
      const mean = join === "mean" && sampled.has(node);
      const index = exportValue(fn, mean ? scale(seen.builder, node, this.share) : node);
      return { index, parts, how: mean ? "sum" : join === "mean" ? "once" : join };
    });
    seen.builder.finish([]);
    const b = main.builder;
    for (let first = 0; first < sizes.batch; first += sizes.micro) {
      const call = b.call(
        fn,
        operands.map((o) => this.part(o, first)),
      );
      for (const { index, parts, how } of results) {
        const [before] = parts;
        if (how === "once" && before) continue;
        const now = b.resultOf(call, index);
        // Added at once: what was before and what this call gives are all that lives between two calls.
        if (how === "sum" && before) parts[0] = add(b, before, now);
        else parts.push(now);
      }
    }
    for (const [encoder, reads] of seen.encoded) main.encode(encoder, reads);
  }

  private whole({ node, join, parts }: Asked): Node {
    const [one] = parts;
    if (!one) throw new Error("a value of a micro-batch is read before the micro-batches are joined");
    if (join !== "samples") return one;
    return this.main.builder.emit("concat", parts, { axis: batchDims(node, this.sizes.micro)[0] ?? 0 });
  }

  /** How a state's new value comes out of the micro-batches. */
  stateJoin(path: string): Join {
    return this.seen.states.get(path)?.axes.includes("batch") ? "samples" : "mean";
  }

  /** The input of the step behind a parameter, and its dimensions that count samples. */
  private operand(input: Input, param: Node | undefined): Operand {
    const { ctx, main, seen, sizes } = this;
    if (!param) throw new Error("an input without a parameter");
    const dims = input.role === "weight" || input.role === "average" ? [] : batchDims(param, sizes.micro);
    const shape = param.type.shape.map((n, d) => (dims.includes(d) ? sizes.batch : n));
    const axes: Axis[] = shape.map((n, d) => axis(param.type.axes[d] ?? "", n));
    switch (input.role) {
      case "weight":
      case "average": {
        const info = ctx.weights.get(input.path)?.info;
        if (!info) throw new Error(`no weight ${input.path}`);
        return { node: main.weight(info, input.role === "average" ? input.average : undefined), dims };
      }
      case "state": {
        const init = seen.states.get(input.path)?.init ?? 0;
        return { node: main.state(input.path, shape, param.type.axes, init), dims };
      }
      case "draw": {
        const info = seen.draws.get(input.path);
        if (!info) throw new Error(`no draw ${input.path}`);
        return { node: main.draw({ ...info, shape }, axes), dims };
      }
      case "field": {
        const info = seen.fields.get(`${input.instance}.${input.field}`);
        if (!info) throw new Error(`no field ${input.instance}.${input.field}`);
        return { node: main.field({ ...info, shape }), dims };
      }
      case "step":
        return { node: main.step(), dims };
      case "index":
        return { node: main.index(shape[0] ?? 0), dims: [] };
    }
  }

  private part({ node, dims }: Operand, first: number): Node {
    if (dims.length === 0) return node;
    const { shape } = node.type;
    const start = shape.map((_, d) => (dims.includes(d) ? first : 0));
    const stop = shape.map((n, d) => (dims.includes(d) ? first + this.sizes.micro : n));
    return this.main.builder.emit("slice", [node], { start, stop });
  }
}

interface Asked {
  readonly node: Node;
  readonly join: Join;
  /** Of the micro-batches called so far; those that are summed are one. */
  readonly parts: Node[];
}

interface Operand {
  readonly node: Node;
  readonly dims: readonly number[];
}

function batchDims({ type: { axes, shape } }: Node, micro: number): number[] {
  return axes.flatMap((name, d) => (name === "batch" && shape[d] === micro ? [d] : []));
}

/** All that is computed from `from`. Of a call with such an operand every result counts. */
function dependents(fn: Fn, from: readonly Node[]): Set<Node> {
  const found = new Set(from);
  for (const op of fn.ops) if (op.operands.some((x) => found.has(x))) for (const r of op.results) found.add(r);
  return found;
}
