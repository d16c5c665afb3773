/** Random programs of ops that move, repeat and multiply tensors of many ranks, for the ways in which a value may lie in the ONNX graph. */
import * as build from "../../compiler/ir/build.js";
import type { FnBuilder } from "../../compiler/ir/builder.js";
import { sizeOf, tensor, type Value } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { draw, generator, type Program } from "../ir/helpers.js";

const sizes = [1, 2, 3, 2];

export interface LayoutProgram extends Program {
  readonly inputs: readonly HostTensor[];
}

export function layoutProgram(seed: number, length: number): LayoutProgram {
  const random = generator(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const shapes = [[], [3], [2, 3], [3, 1, 2], [2, 3, 2, 1]];
  const params = shapes.map((s) => tensor(s));
  const make = (b: FnBuilder, values: readonly Value[]): Value | undefined => {
    const x = pick(values);
    const { shape } = x.type;
    const rank = shape.length;
    const dims = shape.map((_, i) => i);
    const twin = pick(values.filter((v) => String(v.type.shape) === String(shape)));
    switch (below(13)) {
      case 0: {
        if (rank > 3) return undefined;
        const at = below(rank + 1);
        const wide = shape.toSpliced(at, 0, pick(sizes));
        return build.broadcast(
          b,
          x,
          tensor(wide),
          dims.map((d) => (d < at ? d : d + 1)),
        );
      }
      case 1:
        return build.transpose(
          b,
          x,
          dims
            .map((d) => [d, random()] as const)
            .sort((p, q) => p[1] - q[1])
            .map(([d]) => d),
        );
      case 2: {
        const n = sizeOf(shape);
        const two = pick([1, 2, 3, 4, 6].filter((d) => n % d === 0));
        return build.reshape(b, x, pick([[n], [two, n / two], [n / two, two], [1, n], [two, 1, n / two]]));
      }
      case 3: {
        const start = shape.map((n) => below(n));
        return b.emit("slice", [x], {
          start,
          stop: shape.map((n, d) => (start[d] ?? 0) + 1 + below(n - (start[d] ?? 0))),
        });
      }
      case 4:
        return b.emit("pad", [x], { low: shape.map(() => below(2)), high: shape.map(() => below(2)) });
      case 5:
        return rank === 0 ? undefined : b.emit("concat", [x, twin, x].slice(0, 2 + below(2)), { axis: below(rank) });
      case 6:
        return build.sum(
          b,
          x,
          dims.filter(() => random() < 0.5),
        );
      case 7:
        return b.emit(pick(["reduce_max", "reduce_min"] as const), [x], { axes: dims.filter(() => random() < 0.4) });
      case 8:
        return rank === 0 ? undefined : b.emit("softmax", [x], {});
      case 9: {
        const y = pick(values);
        const pairs: [number, number][] = [];
        const taken = new Set<number>();
        for (const d of dims) {
          const e = y.type.shape.findIndex((n, i) => n === shape[d] && !taken.has(i));
          if (e < 0 || random() < 0.4) continue;
          taken.add(e);
          pairs.push([d, e]);
        }
        const cut = below(pairs.length + 1);
        const z = b.emit("dot", [x, y], { batch: pairs.slice(0, cut), contract: pairs.slice(cut) });
        return z.type.shape.length > 4 || sizeOf(z.type.shape) > 500 ? undefined : z;
      }
      case 10:
        return build.scale(b, x, pick([0.5, -1, 2, -0.25]));
      case 11:
        return build.unary(b, pick(["tanh", "sin", "neg", "sigmoid"] as const), x);
      default:
        return build.binary(b, pick(["add", "sub", "mul"] as const), x, twin);
    }
  };
  return {
    params,
    build: (b, inputs) => {
      const values = [...inputs];
      for (let i = 0; i < length; i++) {
        const v = make(b, values);
        // Sums of products grow: brought back where they might.
        if (v && sizeOf(v.type.shape) <= 500) values.push(i % 4 === 3 ? build.unary(b, "tanh", v) : v);
      }
      return values.slice(-4);
    },
    inputs: params.map((t) => draw(generator(seed + 1), t.shape, -1, 1)),
  };
}
