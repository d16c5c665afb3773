/** The op table: everything the compiler knows about an op is in its row, and an op without a row does not compile. */
import type { OpAttrs } from "../attrs.js";
import type { Op, TensorType, Value } from "../graph.js";
import { binaryRows, compareRows } from "./binary.js";
import { chooseRows } from "./choose.js";
import { indexingRows } from "./indexing.js";
import { linearRows } from "./linear.js";
import { reduceRows } from "./reduce.js";
import type { Primitive, PrimitiveKind, Row } from "./row.js";
import { scanRows } from "./scan.js";
import { shapeRows } from "./shape.js";
import { spectralRows } from "./spectral.js";
import { unaryRows } from "./unary.js";

export type { Primitive, PrimitiveKind, Row } from "./row.js";

export const table: { readonly [K in PrimitiveKind]: Row<K> } = {
  ...unaryRows,
  ...binaryRows,
  ...compareRows,
  ...chooseRows,
  ...shapeRows,
  ...reduceRows,
  ...scanRows,
  ...linearRows,
  ...indexingRows,
  ...spectralRows,
};

export function rowOf<K extends PrimitiveKind>(kind: K): Row<K> {
  return table[kind];
}

export function isPrimitive(op: Op): op is Primitive {
  return op.kind !== "call";
}

export function isPrimitiveKind(kind: string): kind is PrimitiveKind {
  return Object.hasOwn(table, kind);
}

/** Type of the result of an op; throws `IrError` if the operands do not fit. */
export function infer<K extends PrimitiveKind>(kind: K, operands: readonly Value[], attrs: OpAttrs[K]): TensorType {
  return rowOf(kind).infer(
    operands.map((v) => v.type),
    attrs,
  );
}
