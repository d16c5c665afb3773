/** Sums of cotangents on their way back. */
import { add } from "../ir/build.js";
import type { FnBuilder } from "../ir/builder.js";
import type { OpOf, TensorType, Value } from "../ir/graph.js";
import { at } from "../ir/table/row.js";

/** The cotangent of a slice of a value. */
interface Piece {
  readonly start: readonly number[];
  readonly stop: readonly number[];
  readonly value: Value;
}

interface Parts {
  whole: Value | undefined;
  readonly pieces: Piece[];
}

/**
 * What has come back for each value so far. Slices are kept apart until the sum is asked for: those that tile a value (the thirds of a
 * joint projection) are put together by one `concat` instead of being padded and added one by one.
 */
export class Cotangents {
  private readonly parts = new Map<Value, Parts>();

  constructor(private readonly b: FnBuilder) {}

  add(to: Value, ct: Value): void {
    const p = this.of(to);
    p.whole = p.whole ? add(this.b, p.whole, ct) : ct;
  }

  /** `ct` belongs to the result of a slice. */
  addSlice(op: OpOf<"slice">, ct: Value): void {
    this.of(at(op.operands, 0)).pieces.push({ ...op.attrs, value: ct });
  }

  /** The sum, `undefined` if nothing came back. */
  total(v: Value): Value | undefined {
    const p = this.parts.get(v);
    if (!p) return undefined;
    if (p.pieces.length > 0) {
      const pieces = p.pieces.splice(0);
      for (const ct of this.join(v.type, pieces)) p.whole = p.whole ? add(this.b, p.whole, ct) : ct;
    }
    return p.whole;
  }

  private of(v: Value): Parts {
    let p = this.parts.get(v);
    if (!p) {
      p = { whole: undefined, pieces: [] };
      this.parts.set(v, p);
    }
    return p;
  }

  private join(type: TensorType, pieces: Piece[]): Value[] {
    const axis = tiledAxis(type, pieces);
    if (axis === undefined || pieces.length === 1) return pieces.map((p) => this.pad(type, p));
    const sorted = [...pieces].sort((p, q) => at(p.start, axis) - at(q.start, axis));
    const row: Value[] = [];
    const layered: Value[] = [];
    let end = 0;
    for (const p of sorted) {
      const start = at(p.start, axis);
      if (start < end) {
        layered.push(this.pad(type, p));
        continue;
      }
      if (start > end) row.push(this.gap(type, axis, start - end));
      row.push(p.value);
      end = at(p.stop, axis);
    }
    const size = at(type.shape, axis);
    if (end < size) row.push(this.gap(type, axis, size - end));
    return [this.b.emit("concat", row, { axis }), ...layered];
  }

  private pad(type: TensorType, { start, stop, value }: Piece): Value {
    return this.b.emit("pad", [value], { low: start, high: type.shape.map((n, i) => n - at(stop, i)) });
  }

  private gap(type: TensorType, axis: number, n: number): Value {
    return this.b.splat({ ...type, shape: type.shape.with(axis, n) }, 0);
  }
}

/** The one dimension along which every piece is a part and not the whole. */
function tiledAxis(type: TensorType, pieces: readonly Piece[]): number | undefined {
  let axis: number | undefined;
  for (const { start, stop } of pieces)
    for (let i = 0; i < type.shape.length; i++) {
      if (start[i] === 0 && stop[i] === type.shape[i]) continue;
      if (axis !== undefined && axis !== i) return undefined;
      axis = i;
    }
  return axis;
}
