/**
 * A restricted reader of Python's pickles. A pickle is a program, and the usual reader runs it: it may import and call anything. This one
 * builds numbers, texts, lists, tuples and dicts, and whatever few names its caller knows; it imports nothing and calls nothing of Python.
 * Any other name or opcode ends it with a fault that says what the file tried, and where.
 */
import { RuntimeFault } from "../fault.js";

/** What a pickle made. Lists are arrays. */
export type Pickled = null | boolean | number | bigint | string | Uint8Array | Pickled[] | Thing;

/** Values that are no plain ones of ours. */
export abstract class Thing {
  protected readonly thing = true;
}

export class Tuple extends Thing {
  constructor(readonly items: readonly Pickled[]) {
    super();
  }
}

/** Keys are compared as values of JavaScript: a number, a text. */
export class Dict extends Thing {
  readonly entries = new Map<Pickled, Pickled>();
}

/** An object whose class is known by name and never looked at: its attributes, to be read. */
export class Inert extends Thing {
  attributes = new Dict();

  constructor(readonly className: string) {
    super();
  }
}

/** A name of Python that a caller knows: `collections.OrderedDict`. */
export class Known extends Thing {
  constructor(
    readonly name: string,
    /** What a call of it gives; `undefined` where it cannot be called so. */
    readonly call?: (args: readonly Pickled[]) => Pickled | undefined,
    /** What a new object of it is. */
    readonly make?: () => Inert,
  ) {
    super();
  }
}

export interface Vocabulary {
  known(name: string): Known | undefined;
  /** What a persistent id stands for. */
  persistent(id: Pickled): Pickled | undefined;
}

export interface Place {
  /** How messages name the pickle: `x.pt, data.pkl`. */
  readonly name: string;
  /** Where its bytes begin there. */
  readonly from: number;
}

export const untrusted = [
  "nothing of it was run; do not open the file with other programs unless you trust who made it",
  'if you do, Python can save its weights alone: torch.save(torch.load(FILE, weights_only=False)["ema"], "weights.pt")',
];

const damaged = ["the file is damaged or was cut off: copy or make it again"];

/** One pickle at the beginning of `bytes`: its value, and how many bytes it takes. */
export function unpickle(bytes: Buffer, place: Place, vocabulary: Vocabulary): { value: Pickled; length: number } {
  return new Reader(bytes, place, vocabulary).run();
}

/** Opcodes that are refused, and what they are for. */
const refused: Readonly<Record<number, readonly [name: string, tries: string]>> = {
  40: ["MARK", ""],
  46: ["STOP", ""],
  48: ["POP", "to drop a value it made"],
  49: ["POP_MARK", "to drop values it made"],
  50: ["DUP", "to copy a value it made"],
  70: ["FLOAT", "a number as text"],
  73: ["INT", "a number as text"],
  76: ["LONG", "a number as text"],
  80: ["PERSID", "an object from outside of it"],
  83: ["STRING", "a text of the first protocol"],
  86: ["UNICODE", "a text of the first protocol"],
  100: ["DICT", "a dict of the first protocol"],
  103: ["GET", "a value of the first protocol"],
  108: ["LIST", "a list of the first protocol"],
  111: ["OBJ", "to make an object of a class"],
  112: ["PUT", "a value of the first protocol"],
  130: ["EXT1", "a name from a registry of Python"],
  131: ["EXT2", "a name from a registry of Python"],
  132: ["EXT4", "a name from a registry of Python"],
  139: ["LONG4", "a number of any length"],
  141: ["BINUNICODE8", "a text of more than 4 GiB"],
  142: ["BINBYTES8", "bytes of more than 4 GiB"],
  143: ["EMPTY_SET", "a set"],
  144: ["ADDITEMS", "a set"],
  145: ["FROZENSET", "a set"],
  146: ["NEWOBJ_EX", "to make an object of a class"],
  150: ["BYTEARRAY8", "bytes that can be written"],
  151: ["NEXT_BUFFER", "a buffer from outside of it"],
  152: ["READONLY_BUFFER", "a buffer from outside of it"],
};

class Reader {
  private at = 0;
  private start = 0;
  private readonly stack: Pickled[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, Pickled>();

  constructor(
    private readonly bytes: Buffer,
    private readonly place: Place,
    private readonly vocabulary: Vocabulary,
  ) {}

  run(): { value: Pickled; length: number } {
    for (;;) {
      this.start = this.at;
      const code = this.u1();
      if (code === 0x2e) {
        const value = this.pop();
        if (this.stack.length > 0 || this.marks.length > 0) throw this.broken("it ends in the middle of a value");
        return { value, length: this.at };
      }
      this.step(code);
    }
  }

  private step(code: number): void {
    const { stack } = this;
    switch (code) {
      case 0x80: {
        const protocol = this.u1();
        if (protocol > 5)
          throw this.fault(`it is a pickle of protocol ${protocol}, and 5 is the last one known`, damaged);
        return;
      }
      case 0x95: // FRAME: where a reader may buffer.
        this.take(8);
        return;
      case 0x28:
        this.marks.push(stack.length);
        return;
      case 0x4e:
        stack.push(null);
        return;
      case 0x88:
        stack.push(true);
        return;
      case 0x89:
        stack.push(false);
        return;
      case 0x4a:
        stack.push(this.take(4).readInt32LE(0));
        return;
      case 0x4b:
        stack.push(this.u1());
        return;
      case 0x4d:
        stack.push(this.take(2).readUInt16LE(0));
        return;
      case 0x8a:
        stack.push(longOf(this.take(this.u1())));
        return;
      case 0x47:
        stack.push(this.take(8).readDoubleBE(0));
        return;
      case 0x54:
      case 0x58:
        stack.push(this.text(this.u4()));
        return;
      case 0x55:
      case 0x8c:
        stack.push(this.text(this.u1()));
        return;
      case 0x42:
        stack.push(Uint8Array.from(this.take(this.u4())));
        return;
      case 0x43:
        stack.push(Uint8Array.from(this.take(this.u1())));
        return;
      case 0x29:
        stack.push(new Tuple([]));
        return;
      case 0x74:
        stack.push(new Tuple(this.sinceMark()));
        return;
      case 0x85:
      case 0x86:
      case 0x87:
        stack.push(new Tuple(this.popMany(code - 0x84)));
        return;
      case 0x5d:
        stack.push([]);
        return;
      case 0x61: {
        const item = this.pop();
        this.list().push(item);
        return;
      }
      case 0x65: {
        const items = this.sinceMark();
        const list = this.list();
        for (const item of items) list.push(item);
        return;
      }
      case 0x7d:
        stack.push(new Dict());
        return;
      case 0x73:
        this.setItems(this.popMany(2));
        return;
      case 0x75:
        this.setItems(this.sinceMark());
        return;
      case 0x68:
        stack.push(this.recall(this.u1()));
        return;
      case 0x6a:
        stack.push(this.recall(this.u4()));
        return;
      case 0x71:
        this.memo.set(this.u1(), this.top());
        return;
      case 0x72:
        this.memo.set(this.u4(), this.top());
        return;
      case 0x94:
        this.memo.set(this.memo.size, this.top());
        return;
      case 0x63:
        stack.push(this.name("GLOBAL", `${this.line()}.${this.line()}`));
        return;
      case 0x93: {
        const [module, name] = this.popMany(2);
        if (typeof module !== "string" || typeof name !== "string") throw this.broken("a name that is no text");
        stack.push(this.name("STACK_GLOBAL", `${module}.${name}`));
        return;
      }
      case 0x69: {
        const name = `${this.line()}.${this.line()}`;
        throw this.fault(`it tries to make an object by \`${name}\` (opcode INST)`, untrusted);
      }
      case 0x52:
        this.call();
        return;
      case 0x81:
        this.make();
        return;
      case 0x62:
        this.build();
        return;
      case 0x51: {
        const value = this.vocabulary.persistent(this.pop());
        if (value === undefined)
          throw this.fault(
            "it asks for an object from outside of it that is no storage of a tensor (opcode BINPERSID)",
            untrusted,
          );
        stack.push(value);
        return;
      }
      default:
        throw this.refuse(code);
    }
  }

  private name(opcode: string, name: string): Known {
    const known = this.vocabulary.known(name);
    if (known) return known;
    throw this.fault(
      `it tries to reach \`${name}\` (opcode ${opcode}), which is nothing that tensors are made of`,
      untrusted,
    );
  }

  private call(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(args instanceof Tuple)) throw this.broken("a call without a tuple of arguments");
    const value = callee instanceof Known ? callee.call?.(args.items) : undefined;
    if (value === undefined) {
      const what = callee instanceof Known ? `\`${callee.name}\`` : "a value";
      throw this.fault(`it tries to call ${what} with what it does not take (opcode REDUCE)`, untrusted);
    }
    this.stack.push(value);
  }

  private make(): void {
    const args = this.pop();
    const callee = this.pop();
    const value = callee instanceof Known ? callee.make?.() : undefined;
    if (value === undefined || !(args instanceof Tuple) || args.items.length > 0) {
      const what = callee instanceof Known ? ` of \`${callee.name}\`` : "";
      throw this.fault(`it tries to make an object${what} (opcode NEWOBJ)`, untrusted);
    }
    this.stack.push(value);
  }

  /** Attributes: of an inert object kept, of a dict (`_metadata` of a state dict) dropped. */
  private build(): void {
    const state = this.pop();
    const target = this.top();
    if (!(state instanceof Dict) || !(target instanceof Inert || target instanceof Dict)) {
      const what = target instanceof Known ? `\`${target.name}\`` : "a value that has none";
      throw this.fault(`it tries to set the state of ${what} (opcode BUILD)`, untrusted);
    }
    if (target instanceof Inert) target.attributes = state;
  }

  private refuse(code: number): RuntimeFault {
    const known = Object.hasOwn(refused, code) ? refused[code] : undefined;
    if (!known) return this.broken(`${hex(code)} is no opcode`);
    return this.fault(`it asks for ${known[1]} (opcode ${known[0]}), which no file of tensors needs`, untrusted);
  }

  private setItems(items: readonly Pickled[]): void {
    const target = this.top();
    if (!(target instanceof Dict) || items.length % 2 > 0) throw this.broken("entries for what is no dict");
    for (let i = 0; i < items.length; i += 2) target.entries.set(items[i] ?? null, items[i + 1] ?? null);
  }

  private list(): Pickled[] {
    const target = this.top();
    if (!Array.isArray(target)) throw this.broken("items for what is no list");
    return target;
  }

  private recall(key: number): Pickled {
    const value = this.memo.get(key);
    if (value === undefined) throw this.broken(`there is no value ${key} to come back to`);
    return value;
  }

  private top(): Pickled {
    this.has(1);
    return this.stack[this.stack.length - 1] ?? null;
  }

  private pop(): Pickled {
    this.has(1);
    return this.stack.pop() ?? null;
  }

  private popMany(count: number): Pickled[] {
    this.has(count);
    return this.stack.splice(this.stack.length - count);
  }

  /** Values below the last mark belong to something else. */
  private has(count: number): void {
    if (this.stack.length - count < (this.marks.at(-1) ?? 0)) throw this.broken("a value is missing");
  }

  private sinceMark(): Pickled[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.broken("a mark is missing");
    return this.stack.splice(mark);
  }

  private take(count: number): Buffer {
    if (this.at + count > this.bytes.length) throw this.broken("it ends too early");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  private u1(): number {
    return this.take(1)[0] ?? 0;
  }

  private u4(): number {
    return this.take(4).readUInt32LE(0);
  }

  private text(length: number): string {
    return this.take(length).toString("utf8");
  }

  private line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw this.broken("it ends too early");
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  private broken(what: string): RuntimeFault {
    return this.fault(`not a pickle, or damaged: ${what}`, damaged);
  }

  private fault(what: string, help: readonly string[]): RuntimeFault {
    return new RuntimeFault(what, `${this.place.name}, byte ${this.place.from + this.start}`, help);
  }
}

/** A whole number of up to 255 bytes, two's complement, little endian. */
function longOf(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, "0")}`;
}
