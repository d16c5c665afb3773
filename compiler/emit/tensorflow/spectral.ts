/** Eigenvectors. */
import type { OpOf } from "../../ir/graph.js";
import { signWeights } from "../jacobi.js";
import { at, first, resultOf } from "../operands.js";
import type { Scope } from "./scope.js";
import { typed } from "./writer.js";

/** TensorFlow looks at one triangle and takes either of v and -v. */
export function eigenvectors(ctx: Scope, op: OpOf<"eigenvectors">): void {
  const { write } = ctx;
  const result = resultOf(op);
  const { shape } = result.type;
  const n = at(shape, shape.length - 1);
  const float = typed("float");
  const x = ctx.full(first(op));
  const order = shape.map((_, d) => (d < shape.length - 2 ? d : 2 * shape.length - 3 - d));
  const turned = write.node("Transpose", "y", [x, write.list(order)], { ...float, Tperm: { type: "int32" } });
  const both = write.node("AddV2", "z", [x, turned], float);
  const mean = write.node("Mul", "z", [both, ctx.scalar("float", 0.5)], float);
  const vectors = `${write.add("SelfAdjointEigV2", [mean], { ...float, compute_v: { bool: true } })}:v:0`;
  const weights = write.floats([n, 1], signWeights(n));
  const weighted = write.node("Mul", "z", [vectors, weights], float);
  const side = write.node("Sum", "output", [weighted, write.list([-2])], {
    ...float,
    Tidx: { type: "int32" },
    keep_dims: { bool: true },
  });
  const other = write.node("Less", "z", [side, ctx.scalar("float", 0)], float);
  const sign = write.node("SelectV2", "output", [other, ctx.scalar("float", -1), ctx.scalar("float", 1)], float);
  ctx.plain(result, write.node("Mul", "z", [vectors, sign], float));
}
