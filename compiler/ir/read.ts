/** Reads the text form that `print` writes. */
import type { OpAttrs, OpKind } from "./attrs.js";
import { decode } from "./base64.js";
import type { DType, Fn, Module, Op, OpOf, TensorType, Value } from "./graph.js";
import { sizeOf } from "./graph.js";
import { isPrimitiveKind } from "./table/table.js";

/** The text is not a graph. */
export class ReadError extends Error {
  override readonly name = "ReadError";
}

/** The graph of a text; throws `ReadError`. It is well-formed text only: `verify` says whether it is a valid graph. */
export function read(text: string): Module {
  const reader = new Reader(text);
  const fns = new Map<string, Fn>();
  while (reader.take("fn ")) {
    const fn = reader.fn();
    if (fns.has(fn.name)) reader.fail(`two functions ${fn.name}`);
    fns.set(fn.name, fn);
  }
  if (!reader.take("main ")) reader.fail("expected fn or main");
  const main = reader.fn();
  reader.end();
  return { fns, main };
}

interface Definition {
  readonly id: number;
  readonly name: string | undefined;
}

const WORD = /[A-Za-z_][\w.]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const INTEGER = /\d+/y;
const NUMBER = /-?(?:Infinity|NaN|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/y;
const BASE64 = /base64:[A-Za-z0-9+/=]*/y;
const SETTING = /([A-Za-z]+)=(\[[\d,[\]]*\]|true|false|-?\d+|"(?:[^"\\]|\\.)*")/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  fail(message: string): never {
    const line = this.text.slice(0, this.at).split("\n").length;
    throw new ReadError(`line ${line}: ${message}`);
  }

  end(): void {
    this.blank();
    if (this.at < this.text.length) this.fail("more text after the main function");
  }

  take(token: string): boolean {
    this.blank();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  fn(): Fn {
    const name = this.word();
    const next = this.take("#") ? this.integer() : undefined;
    const values = new Map<number, Value>();
    const fn: Fn = { name, params: [], ops: [], results: [], nextId: 0 };
    const add = ({ id, name }: Definition, type: TensorType, op: Op | undefined): Value => {
      if (values.has(id)) this.fail(`%${id} is made twice`);
      const v: Value = { id, type, op, name };
      values.set(id, v);
      fn.nextId = Math.max(fn.nextId, id + 1);
      return v;
    };
    const use = (): Value => {
      const id = this.id();
      return values.get(id) ?? this.fail(`%${id} is not made yet`);
    };
    this.list("(", ")", () => {
      const d = this.definition();
      this.expect(":");
      fn.params.push(add(d, this.type(), undefined));
    });
    this.expect("{");
    while (!this.take("return")) this.op(fn, add, use);
    if (!this.take("}")) {
      do fn.results.push(use());
      while (this.take(","));
      this.expect("}");
    }
    if (next !== undefined) fn.nextId = next;
    return fn;
  }

  private op(fn: Fn, add: (d: Definition, t: TensorType, op: Op) => Value, use: () => Value): void {
    const left: Definition[] = [];
    if (this.peek("%")) {
      do left.push(this.definition());
      while (this.take(","));
      this.expect("=");
    }
    const kind = this.word();
    const draft = this.settings(kind);
    const operands: Value[] = [];
    this.list("(", ")", () => operands.push(use()));
    const types: TensorType[] = [];
    if (left.length > 0) {
      this.expect(":");
      do types.push(this.type());
      while (this.take(","));
    }
    if (types.length !== left.length) this.fail(`${left.length} results with ${types.length} types`);
    const op = { kind, operands, attrs: draft(types[0]), results: [] as Value[] } as unknown as Op;
    fn.ops.push(op);
    for (const [i, d] of left.entries()) op.results.push(add(d, types[i] ?? this.fail("no type"), op));
  }

  /** What stands between the kind and the operands, as attributes once the type of the result is known. */
  private settings(kind: string): (type: TensorType | undefined) => OpAttrs[OpKind] {
    if (kind === "call") {
      const attrs: OpOf<"call">["attrs"] = { fn: this.word() };
      return () => attrs;
    }
    if (!isPrimitiveKind(kind)) this.fail(`no op ${kind}`);
    if (kind === "constant") {
      const data = this.data();
      return (type) => {
        if (!type) this.fail("constant without a result");
        if (typeof data !== "number" && data.length !== sizeOf(type.shape))
          this.fail("constant of another size than its type");
        return { dtype: type.dtype, shape: type.shape, axes: type.axes, data };
      };
    }
    const attrs: Record<string, unknown> = {};
    for (let m = this.match(SETTING); m; m = this.match(SETTING)) {
      try {
        attrs[m[1] ?? ""] = JSON.parse(m[2] ?? "");
      } catch {
        this.fail(`${m[2]} is no setting`);
      }
    }
    return (type) => {
      const shaped = kind === "broadcast" || kind === "reshape";
      return (shaped ? { ...attrs, shape: type?.shape, axes: type?.axes } : attrs) as OpAttrs[OpKind];
    };
  }

  private data(): number | Float64Array {
    const packed = this.match(BASE64);
    if (packed) {
      const bytes = decode(packed[0].slice("base64:".length));
      if (!bytes || bytes.length % 8 !== 0) this.fail("constant is not base64 of float64");
      const view = new DataView(bytes.buffer);
      return Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
    }
    if (!this.peek("[")) return this.number();
    const list: number[] = [];
    this.list("[", "]", () => list.push(this.number()));
    return Float64Array.from(list);
  }

  private type(): TensorType {
    const dtype = this.word();
    if (!isDType(dtype)) this.fail(`no type ${dtype}`);
    const shape: number[] = [];
    const axes: string[] = [];
    this.list("[", "]", () => {
      axes.push(this.word());
      this.expect(":");
      shape.push(this.integer());
    });
    return { dtype, shape, axes };
  }

  private definition(): Definition {
    const id = this.id();
    const named = !this.peek("=") && !this.peek(",") && !this.peek(":");
    return { id, name: named ? this.word() : undefined };
  }

  private id(): number {
    this.expect("%");
    return this.integer();
  }

  private list(open: string, close: string, item: () => void): void {
    this.expect(open);
    if (this.take(close)) return;
    do item();
    while (this.take(","));
    this.expect(close);
  }

  private word(): string {
    const plain = this.match(WORD);
    if (plain) return plain[0];
    const quoted = this.match(STRING);
    if (!quoted) this.fail("expected a name");
    try {
      return JSON.parse(quoted[0]) as string;
    } catch {
      return this.fail(`${quoted[0]} is no name`);
    }
  }

  private integer(): number {
    const m = this.match(INTEGER);
    return m ? Number(m[0]) : this.fail("expected a whole number");
  }

  private number(): number {
    const m = this.match(NUMBER);
    return m ? Number(m[0]) : this.fail("expected a number");
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    this.blank();
    pattern.lastIndex = this.at;
    const m = pattern.exec(this.text);
    if (!m) return undefined;
    this.at = pattern.lastIndex;
    return m;
  }

  private expect(token: string): void {
    if (!this.take(token)) this.fail(`expected ${token}`);
  }

  private peek(token: string): boolean {
    this.blank();
    return this.text.startsWith(token, this.at);
  }

  private blank(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.at++;
    }
  }
}

function isDType(text: string): text is DType {
  return text === "float" || text === "bool" || text === "index";
}
