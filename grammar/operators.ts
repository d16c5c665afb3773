/**
 * From operands and operators in a row to a tree, by precedence: or, and, not, comparisons, `..`, `+ -`, `* / %`, unary `-`, `^`.
 * The grammar reads a flat row, so that what may not be chained is a message with both halves in it, not a parse error.
 */
import type { SyntaxArgs, SyntaxCode } from "./messages.js";
import { joinSpans, type Span, spanText } from "./source.js";
import type { BinaryOperator, Expr, Name } from "./tree.js";

export interface Operand {
  /** `-` and `not` before it, outermost first. */
  readonly prefixes: readonly { readonly op: "-" | "not"; readonly span: Span }[];
  readonly value: Expr;
}

export type Link =
  | { readonly op: BinaryOperator | ".."; readonly span: Span; readonly right: Operand }
  | { readonly op: "is"; readonly span: Span; readonly word: Name; readonly negated: boolean };

export type Remark = <K extends SyntaxCode>(
  code: K,
  args: SyntaxArgs<K>,
  span: Span,
  fix?: { title: string; text: string },
) => void;

/** How tightly an operator binds; `not` is 3, unary `-` is 8. */
export const levels: Readonly<Record<Link["op"], number>> = {
  or: 1,
  and: 2,
  "==": 4,
  "!=": 4,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  in: 4,
  is: 4,
  "..": 5,
  "+": 6,
  "-": 6,
  "*": 7,
  "/": 7,
  "%": 7,
  "^": 9,
};
const notLevel = 3;
const compareLevel = 4;
const rangeLevel = 5;
const minusLevel = 8;

/** Operators in one row, beyond which a tree would be too deep to walk. */
export const longest = 1000;

export function combine(first: Operand, links: readonly Link[], remark: Remark): Expr {
  return new Row(first, links, remark).at(1);
}

class Row {
  private index = 0;
  /** The operand at hand, and how many of its prefixes are used up. */
  private used = 0;

  constructor(
    private operand: Operand,
    private readonly links: readonly Link[],
    private readonly remark: Remark,
  ) {}

  at(level: number): Expr {
    let left = this.prefixed(level);
    for (;;) {
      const link = this.links[this.index];
      if (!link) return left;
      const tight = levels[link.op];
      if (tight < level) return left;
      this.index++;
      if (link.op === "is") {
        left = {
          kind: "Is",
          subject: left,
          word: link.word,
          negated: link.negated,
          span: joinSpans(left.span, link.word.span),
        };
      } else {
        this.operand = link.right;
        this.used = 0;
        const right = this.at(tight + 1);
        const span = joinSpans(left.span, right.span);
        left =
          link.op === ".."
            ? { kind: "Range", from: left, to: right, span }
            : { kind: "Binary", op: link.op, left, right, span };
      }
      if (tight === compareLevel || tight === rangeLevel) this.refuseChain(left, tight);
    }
  }

  /** An operand with its prefixes; `not` reaches over comparisons, `-` over `^` only. */
  private prefixed(level: number): Expr {
    const prefix = this.operand.prefixes[this.used];
    if (!prefix) return this.powered();
    this.used++;
    if (prefix.op === "-") {
      const value = this.prefixed(minusLevel);
      return { kind: "Unary", op: "-", value, span: joinSpans(prefix.span, value.span) };
    }
    const value = level <= notLevel ? this.prefixedThen(compareLevel) : this.prefixed(minusLevel);
    const span = joinSpans(prefix.span, value.span);
    if (level > notLevel) this.parenthesize(span);
    return { kind: "Unary", op: "not", value, span };
  }

  /** `not not a == b`: the comparison belongs to the innermost `not`. */
  private prefixedThen(level: number): Expr {
    return this.operand.prefixes[this.used]?.op === "not" ? this.prefixed(notLevel) : this.at(level);
  }

  private powered(): Expr {
    const left = this.operand.value;
    if (left.kind === "If" && (this.links.length > 0 || this.operand.prefixes.length > 0)) this.parenthesize(left.span);
    const link = this.links[this.index];
    if (link?.op !== "^") return left;
    this.index++;
    this.operand = link.right;
    this.used = 0;
    const right = this.prefixed(minusLevel);
    return { kind: "Binary", op: "^", left, right, span: joinSpans(left.span, right.span) };
  }

  private parenthesize(span: Span): void {
    const text = spanText(span);
    this.remark("needs-parentheses", { text }, span, { title: "put it in parentheses", text: `(${text})` });
  }

  private refuseChain(left: Expr, level: number): void {
    const next = this.links[this.index];
    if (!next || levels[next.op] !== level) return;
    if (level === rangeLevel) {
      this.remark("chained-range", undefined, next.span);
      return;
    }
    const shared = left.kind === "Binary" ? left.right : undefined;
    const from = next.op === "is" ? undefined : next.right.value;
    if (!shared || !from || next.op === "is") {
      this.remark("chained-comparison", { better: undefined }, next.span);
      return;
    }
    // The right operand may go on with tighter operators; its text ends where the next looser one begins.
    const end = this.links.slice(this.index + 1).find((link) => levels[link.op] <= compareLevel)?.span.pos;
    const last = this.links.at(-1);
    const stop = end ?? (last && last.op !== "is" ? last.right.value.span.end : from.span.end);
    const rest = left.span.source.text.slice(next.span.pos, stop).trim();
    const better = `${spanText(left.span)} and ${spanText(shared.span)} ${rest}`;
    const span = { source: left.span.source, pos: left.span.pos, end: left.span.pos + (stop - left.span.pos) };
    this.remark(
      "chained-comparison",
      { better },
      { ...span, end: Math.max(span.pos, span.pos + span.source.text.slice(span.pos, stop).trimEnd().length) },
      {
        title: `write \`${better}\``,
        text: better,
      },
    );
  }
}
