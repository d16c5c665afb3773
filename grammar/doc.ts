/**
 * Layout: a document says where lines may break, `render` decides. A group stands on one line if it fits, else its lines break; an
 * outer group breaks before an inner one. Comments break what they stand in.
 */
export type Doc = string | Node;

interface Node {
  readonly kind: "cat" | "group" | "indent" | "line" | "fill" | "choice" | "comment" | "blank";
  /** Holds a break that happens in any case. */
  readonly hard: boolean;
}

interface Cat extends Node {
  readonly kind: "cat";
  readonly parts: readonly Doc[];
}

interface Group extends Node {
  readonly kind: "group" | "indent";
  readonly doc: Doc;
}

/** A break; `flat` is what stands there if the line goes on. */
interface Line extends Node {
  readonly kind: "line";
  readonly flat: string;
}

interface Fill extends Node {
  readonly kind: "fill";
  readonly parts: readonly Doc[];
  readonly between: string;
  /** What stands at the end of a line that does not go on. */
  readonly atBreak: string;
  /** The first part that is not yet written. */
  readonly from: number;
}

/** The first layout if it fits on the line, else the second. Both are made of the same parts. */
interface Choice extends Node {
  readonly kind: "choice";
  readonly flat: Doc;
  readonly broken: Doc;
}

interface CommentNode extends Node {
  readonly kind: "comment";
  readonly text: string;
  /** Where it stood, if after something on its line: there it stays, if it can. */
  readonly column: number | undefined;
}

/** Columns of a line in canonical form. */
export const columns = 140;

export function isHard(doc: Doc): boolean {
  return typeof doc !== "string" && doc.hard;
}

export function cat(...parts: readonly Doc[]): Doc {
  return { kind: "cat", parts, hard: parts.some(isHard) } as Cat;
}

export function group(...parts: readonly Doc[]): Doc {
  const doc = cat(...parts);
  return { kind: "group", doc, hard: isHard(doc) } as Group;
}

/** The same, broken in any case. */
export function broken(doc: Doc): Doc {
  return typeof doc === "string" ? doc : ({ ...doc, hard: true } as Doc);
}

/** Lines that break inside start two blanks further right. */
export function indent(...parts: readonly Doc[]): Doc {
  const doc = cat(...parts);
  return { kind: "indent", doc, hard: isHard(doc) } as Group;
}

/** As many parts a line as fit, `between` them where the line goes on, `atBreak` where it ends. */
export function fill(parts: readonly Doc[], between: string, atBreak: string): Doc {
  return { kind: "fill", parts, between, atBreak, from: 0, hard: parts.some(isHard) } as Fill;
}

/** `flat` if it fits on the line, else `broken`. */
export function choice(flat: Doc, broken: Doc): Doc {
  return { kind: "choice", flat, broken, hard: isHard(flat) } as Choice;
}

export function comment(text: string, column: number | undefined): Doc {
  return { kind: "comment", text, column, hard: true } as CommentNode;
}

export function join(parts: readonly Doc[], between: Doc): Doc {
  return cat(...parts.flatMap((part, i) => (i === 0 ? [part] : [between, part])));
}

/** A blank or a break. */
export const line: Doc = { kind: "line", flat: " ", hard: false } as Line;
/** Nothing or a break. */
export const softLine: Doc = { kind: "line", flat: "", hard: false } as Line;
/** A comma or a break, as between settings. */
export const commaLine: Doc = { kind: "line", flat: ", ", hard: false } as Line;
/** A break, unless the line is new already. */
export const hardLine: Doc = { kind: "line", flat: "", hard: true } as Line;
/** An empty line, unless a block starts here. */
export const blankLine: Doc = { kind: "blank", hard: true } as Node;

/** How long it is on one line; endless if it breaks in any case. */
export function flatWidth(doc: Doc): number {
  if (typeof doc === "string") return doc.length;
  if (doc.hard) return Number.POSITIVE_INFINITY;
  const node = doc as Cat | Group | Line | Fill | Choice;
  switch (node.kind) {
    case "cat":
      return node.parts.reduce((sum, part) => sum + flatWidth(part), 0);
    case "fill":
      return node.parts.reduce((sum, part, i) => sum + flatWidth(part) + (i > 0 ? node.between.length : 0), 0);
    case "line":
      return node.flat.length;
    case "choice":
      return flatWidth(node.flat);
    default:
      return flatWidth(node.doc);
  }
}

interface Job {
  readonly depth: number;
  readonly broken: boolean;
  readonly doc: Doc;
}

export function render(doc: Doc, depth = 0, width = columns): string {
  return new Renderer(width).run(doc, depth);
}

class Renderer {
  private readonly lines: string[] = [];
  private text = "";
  private depth = 0;
  /** What stands on the line before a comment. */
  private code: string | undefined;
  private blockStarts = false;
  private readonly jobs: Job[] = [];

  constructor(private readonly width: number) {}

  run(doc: Doc, depth: number): string {
    this.depth = depth;
    this.jobs.push({ depth, broken: true, doc });
    for (let job = this.jobs.pop(); job; job = this.jobs.pop()) this.step(job);
    if (this.text !== "") this.lines.push(this.text);
    return this.lines.join("\n");
  }

  private step({ depth, broken, doc }: Job): void {
    if (typeof doc === "string") {
      this.write(doc);
      return;
    }
    const node = doc as Cat | Group | Line | Fill | Choice | CommentNode;
    switch (node.kind) {
      case "cat":
        for (let i = node.parts.length - 1; i >= 0; i--) this.jobs.push({ depth, broken, doc: node.parts[i] ?? "" });
        break;
      case "indent":
        this.jobs.push({ depth: depth + 2, broken, doc: node.doc });
        break;
      case "group":
        this.jobs.push({ depth, broken: node.hard || !this.fits(node.doc), doc: node.doc });
        break;
      case "line":
        if (broken || node.hard) this.newLine(depth);
        else this.write(node.flat);
        break;
      case "choice": {
        const flat = !node.hard && (!broken || this.fits(node.flat));
        this.jobs.push({ depth, broken: !flat, doc: flat ? node.flat : node.broken });
        break;
      }
      case "fill":
        this.fillIn(node, depth, broken);
        break;
      case "comment":
        this.writeComment(node, depth);
        break;
      default:
        this.newLine(depth);
        if (this.lines.length > 0 && this.lines.at(-1) !== "" && !this.blockStarts) this.lines.push("");
    }
  }

  private fillIn(node: Fill, depth: number, broken: boolean): void {
    const part = node.parts[node.from];
    if (part === undefined) return;
    if (node.from > 0) {
      if (!broken || this.room() >= node.between.length + flatWidth(part)) this.write(node.between);
      else {
        this.write(node.atBreak);
        this.newLine(depth);
      }
    }
    const rest: Fill = { ...node, from: node.from + 1 };
    if (rest.from < node.parts.length) this.jobs.push({ depth, broken, doc: rest });
    this.jobs.push({ depth, broken, doc: part });
  }

  private room(): number {
    return this.width - (this.text === "" ? this.depth : this.text.length);
  }

  private write(text: string): void {
    if (this.text === "") {
      const start = text.trimStart();
      if (start !== "") this.text = " ".repeat(this.depth) + start;
    } else this.text += text;
  }

  private newLine(depth: number): void {
    this.depth = depth;
    if (this.text === "") return;
    this.blockStarts = (this.code ?? this.text).endsWith("{");
    this.code = undefined;
    this.lines.push(this.text.trimEnd());
    this.text = "";
  }

  private writeComment({ text, column }: CommentNode, depth: number): void {
    if (column !== undefined && this.text !== "") {
      const code = this.text.trimEnd();
      this.code = code;
      this.text = code + " ".repeat(Math.max(1, column - code.length)) + text;
    } else {
      this.newLine(depth);
      this.write(text);
    }
    this.newLine(depth);
  }

  /** Whether it fits on the line, together with what follows up to the next possible break. */
  private fits(doc: Doc): boolean {
    let left = this.room() - flatWidth(doc);
    for (let i = this.jobs.length - 1; i >= 0 && left >= 0; i--) {
      const job = this.jobs[i];
      if (!job) break;
      const used = untilBreak(job.doc, job.broken);
      left -= used.width;
      if (used.ended) break;
    }
    return left >= 0;
  }
}

/** How much stands before the first break. */
function untilBreak(doc: Doc, broken: boolean): { width: number; ended: boolean } {
  if (typeof doc === "string") return { width: doc.length, ended: false };
  const node = doc as Cat | Group | Line | Fill | Choice | CommentNode;
  switch (node.kind) {
    case "cat":
    case "fill": {
      let sum = 0;
      for (const part of node.kind === "fill" ? node.parts.slice(node.from) : node.parts) {
        const used = untilBreak(part, broken);
        sum += used.width;
        if (used.ended || node.kind === "fill") return { width: sum, ended: true };
      }
      return { width: sum, ended: false };
    }
    case "indent":
      return untilBreak(node.doc, broken);
    case "group":
      return untilBreak(node.doc, true);
    case "line":
      return broken || node.hard ? { width: 0, ended: true } : { width: node.flat.length, ended: false };
    case "choice":
      return untilBreak(broken ? node.broken : node.flat, broken);
    default:
      return { width: 0, ended: true };
  }
}
