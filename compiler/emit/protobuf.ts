/** The wire format of protocol buffers, writing only: varints, 32-bit floats and length-delimited fields are all that graph files need. */

type Piece = Uint8Array;

const text = new TextEncoder();

function varintBytes(value: bigint): Piece {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** Small numbers are nearly all of them, and a step has a hundred thousand: no BigInt for those. */
function varint(value: number | bigint): Piece {
  if (typeof value === "bigint" || value < 0 || value > 0x7fffffff) return varintBytes(BigInt(value));
  if (value < 0x80) return Uint8Array.of(value);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** One message being written. Pieces are kept and copied once at the end, so that a large constant is not copied at every level. */
export class Message {
  private readonly pieces: Piece[] = [];
  private length = 0;

  private push(piece: Piece): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }

  private key(field: number, wire: 0 | 2 | 5): void {
    this.push(varint(field * 8 + wire));
  }

  /** Also of negative numbers, which take ten bytes. */
  int(field: number, value: number | bigint): this {
    this.key(field, 0);
    this.push(varint(value));
    return this;
  }

  ints(field: number, values: readonly number[]): this {
    for (const v of values) this.int(field, v);
    return this;
  }

  float(field: number, value: number): this {
    this.key(field, 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.push(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.key(field, 2);
    this.push(varint(value.length));
    this.push(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  message(field: number, inner: Message): this {
    this.key(field, 2);
    this.push(varint(inner.length));
    for (const piece of inner.pieces) this.pieces.push(piece);
    this.length += inner.length;
    return this;
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces) {
      result.set(piece, at);
      at += piece.length;
    }
    return result;
  }
}
