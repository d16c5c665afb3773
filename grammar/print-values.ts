/** Values, types and settings as documents. */
import type { CommentFeed } from "./comment-feed.js";
import { cat, commaLine, type Doc, fill, group, hardLine, indent, isHard, join, line, softLine } from "./doc.js";
import { levels } from "./operators.js";
import { type Span, spanText } from "./source.js";
import { RightParen } from "./tokens.js";
import type {
  Arg,
  AxesSpec,
  AxisItem,
  AxisSide,
  BinaryExpr,
  DefExpr,
  Expr,
  IfExpr,
  Input,
  Name,
  NumberExpr,
  ReindexItem,
  Setting,
  TypeNode,
} from "./tree.js";

const postfixLevel = 10;
const minusLevel = 8;
const notLevel = 3;

/** How tightly an expression holds together; looser ones are put in parentheses where a tighter one is needed. */
function levelOf(expr: Expr): number {
  switch (expr.kind) {
    case "If":
      return 0;
    case "Binary":
      return levels[expr.op];
    case "Is":
      return levels.is;
    case "Range":
      return levels[".."];
    case "Unary":
      return expr.op === "not" ? notLevel : minusLevel;
    default:
      return postfixLevel;
  }
}

/** An item of a list, and its place if comments are to be looked for there. */
interface Listed {
  readonly doc: () => Doc;
  readonly at: { readonly pos: number; readonly end: number } | undefined;
}

export class ValuePrinter {
  /** Without a feed nothing is known of a source: no comments, no choices of its author. */
  constructor(protected readonly feed: CommentFeed | undefined) {}

  protected before(pos: number): Doc {
    return this.feed?.before(pos) ?? "";
  }

  protected after(end: number): Doc {
    return this.feed?.after(end) ?? "";
  }

  /** The comments before the last character of a node, which is its closing bracket. */
  private closing(span: Span): Doc {
    return this.before(span.end - 1);
  }

  protected name(name: Name): Doc {
    return cat(this.before(name.span.pos), name.text);
  }

  /** `.name`; comments stand before the dot, since a word of the language is a member only where it touches the dot. */
  protected dotted(name: Name): Doc {
    return cat(this.before(name.span.pos), ".", name.text);
  }

  // -------------------------------------------------------------------------------------------------------------------- values

  /** `tight`: in a range, where `*` and `/` stand without blanks. */
  expr(expr: Expr, least = 0, tight = false): Doc {
    if (levelOf(expr) < least) return cat("(", this.expr(expr), ")");
    switch (expr.kind) {
      case "Number":
        return cat(this.before(expr.span.pos), numberText(expr));
      case "String":
        return cat(this.before(expr.span.pos), `"${expr.value}"`);
      case "Bool":
        return cat(this.before(expr.span.pos), String(expr.value));
      case "None":
        return cat(this.before(expr.span.pos), "none");
      case "Name":
        return cat(this.before(expr.span.pos), expr.name);
      case "Missing":
        return "";
      case "Def":
        return this.def(expr, false);
      case "Call": {
        const callee = this.callee(expr.callee);
        return cat(callee, this.args(expr.args, expr.rest, expr.span));
      }
      case "Group":
        return cat(this.before(expr.span.pos), "(", this.expr(expr.inner), this.closing(expr.span), ")");
      case "Tuple":
        return this.parens(
          expr.items.map((item) => ({ doc: () => this.expr(item), at: item.span })),
          expr.span,
        );
      case "Record":
        return this.parens(
          expr.fields.map(({ name, value }) => ({
            doc: () => cat(this.name(name), ": ", this.expr(value)),
            at: { pos: name.span.pos, end: value.span.end },
          })),
          expr.span,
        );
      case "List":
        return this.brackets(
          expr.items.map((item) => ({ doc: () => this.expr(item), at: item.span })),
          expr.span,
        );
      case "Axes":
        return this.brackets(
          expr.items.map(({ name, size }) => ({
            doc: () => this.sized(name, size),
            at: { pos: name.span.pos, end: (size ?? name).span.end },
          })),
          expr.span,
        );
      case "Comprehension": {
        const open = cat(this.before(expr.span.pos), "[");
        const item = this.expr(expr.item);
        const loops = expr.loops.map(({ pattern, tuple, in: range }) => {
          const names = join(
            pattern.map((name) => this.name(name)),
            ", ",
          );
          return cat(tuple ? cat("(", names, ")") : names, " in ", this.expr(range));
        });
        const guard = expr.guard ? cat(line, "if ", this.expr(expr.guard)) : "";
        return group(open, indent(item, line, "for ", join(loops, ", "), guard), this.closing(expr.span), "]");
      }
      case "Member": {
        const object = this.callee(expr.object);
        return cat(object, this.dotted(expr.name));
      }
      case "Reindex": {
        const object = this.callee(expr.object);
        const items = expr.items.map((item) => ({ doc: () => this.reindexItem(item), at: item.span }));
        return cat(object, this.brackets(items, { ...expr.span, pos: expr.object.span.end }));
      }
      case "Unary": {
        const open = this.before(expr.span.pos);
        if (expr.op === "-") return cat(open, "-", this.expr(expr.value, minusLevel, tight));
        return cat(open, "not ", this.expr(expr.value, expr.value.kind === "Unary" ? notLevel : levels["=="], tight));
      }
      case "Binary":
        return this.binary(expr, tight);
      case "Range":
        return cat(this.expr(expr.from, levels[".."] + 1, true), "..", this.expr(expr.to, levels[".."] + 1, true));
      case "Is": {
        const subject = this.expr(expr.subject, levels.is + 1);
        return cat(subject, expr.negated ? " is not " : " is ", this.name(expr.word));
      }
      case "If":
        return this.choice(expr);
    }
  }

  /** What something is applied to; a definition keeps its braces there, since `A {}(x)` and `A(x)` differ. */
  private callee(expr: Expr): Doc {
    return expr.kind === "Def" ? this.def(expr, true) : this.expr(expr, postfixLevel);
  }

  protected def(
    { name, member, settings, span }: Pick<DefExpr, "name" | "member" | "settings" | "span">,
    keepBraces: boolean,
  ): Doc {
    const head = cat(this.name(name), member ? this.dotted(member) : "");
    if (!settings || (settings.length === 0 && !keepBraces && !this.feed?.holds(name.span.end, span.end))) return head;
    return cat(head, " ", this.settings(settings, span.end - 1));
  }

  private binary(expr: BinaryExpr, tight: boolean): Doc {
    const level = levels[expr.op];
    if (expr.op === "^") {
      const base = this.expr(expr.left, postfixLevel, tight);
      return cat(base, "^", this.expr(expr.right, minusLevel, tight));
    }
    // A row of operators that bind alike breaks as a whole.
    const row: { op: string; right: Expr }[] = [];
    let first: Expr = expr;
    while (first.kind === "Binary" && levels[first.op] === level && first.op !== "^") {
      row.unshift({ op: first.op, right: first.right });
      if (level === levels["=="]) {
        first = first.left;
        break;
      }
      first = first.left;
    }
    const close = tight && level === levels["*"];
    const least = level === levels["=="] ? level + 1 : level;
    const parts: Doc[] = [this.expr(first, least, tight)];
    let end = first.span.end;
    const rest = row.map(({ op, right }) => {
      const trail = this.after(end);
      end = right.span.end;
      const sign = close && op !== "%" ? cat(op) : cat(line, op, " ");
      return cat(trail, sign, this.expr(right, level + 1, tight));
    });
    return group(...parts, indent(...rest));
  }

  private choice(expr: IfExpr): Doc {
    const parts: Doc[] = [];
    let last: Expr = expr;
    while (last.kind === "If") {
      const open = this.before(last.span.pos);
      const condition = this.expr(last.condition);
      const afterCondition = this.after(last.condition.span.end);
      const value = this.expr(last.then, 1);
      const afterValue = this.after(last.then.span.end);
      const beforeElse = this.feed ? this.before(this.feed.tokenAt(last.then.span.end)) : "";
      parts.push(cat(open, "if ", condition, afterCondition, " then ", value, afterValue, beforeElse));
      last = last.else;
    }
    parts.push(this.expr(last));
    return group(indent(...parts.map((part, i) => (i === 0 ? part : cat(line, "else ", part)))));
  }

  private args(args: readonly Arg[], rest: boolean, span: Span): Doc {
    const items: Listed[] = args.map(({ name, value }) => ({
      doc: () => (name ? cat(this.name(name), ": ", this.expr(value)) : this.expr(value)),
      at: { pos: (name ?? value).span.pos, end: value.span.end },
    }));
    if (rest) items.push(this.dots(span.end - 1));
    return this.items("(", items, ")", span.end - 1);
  }

  private parens(items: readonly Listed[], span: Span): Doc {
    const open = this.before(span.pos);
    return cat(open, this.items("(", items, ")", span.end - 1));
  }

  private brackets(items: readonly Listed[], span: Span): Doc {
    const open = this.before(span.pos);
    return cat(open, this.items("[", items, "]", span.end - 1));
  }

  /** `..`, which is the last thing before the bracket. */
  private dots(closeAt: number): Listed {
    const end = this.feed?.endBefore(closeAt);
    if (end === undefined) return { doc: () => "..", at: undefined };
    return { doc: () => "..", at: { pos: end - 2, end } };
  }

  /** Items with commas between them; on one line each where comments stand among them. */
  protected items(open: string, items: readonly Listed[], close: string, closeAt: number): Doc {
    const opened = this.opened(open, items[0]?.at?.pos ?? closeAt);
    const parts = items.map(({ doc, at }) => ({
      item: cat(at ? this.before(at.pos) : "", doc()),
      trail: at ? this.after(at.end) : "",
    }));
    const closing = this.before(closeAt);
    if (!isHard(opened) && closing === "" && !parts.some(({ item, trail }) => isHard(item) || trail !== "")) {
      const list = parts.map(({ item }) => item);
      return group(open, indent(softLine, fill(list, ", ", ",")), softLine, close);
    }
    const lines = parts.map(({ item, trail }, i) => cat(item, i < parts.length - 1 ? "," : "", trail));
    return cat(opened, indent(hardLine, join(lines, hardLine), closing), hardLine, close);
  }

  /** An opening bracket with the comments before it and beside it, given where the first thing inside stands. */
  protected opened(bracket: string, pos: number): Doc {
    if (!this.feed) return bracket;
    const end = this.feed.endBefore(pos);
    const above = this.before(end - 1);
    const beside = this.after(end);
    return above === "" && beside === "" ? bracket : cat(above, bracket, beside);
  }

  private sized(name: Name, size: Expr | undefined): Doc {
    const label = this.name(name);
    return size ? cat(label, ": ", this.expr(size)) : label;
  }

  private reindexItem(item: ReindexItem): Doc {
    const left = this.axisSide(item.left);
    switch (item.kind) {
      case "axis":
        return left;
      case "to":
        return cat(left, " -> ", this.axisSide(item.right));
      case "at":
        return cat(left, " = ", this.expr(item.value));
      case "size":
        return cat(left, ": ", this.expr(item.size));
    }
  }

  private axisSide({ group: grouped, axes, span }: AxisSide): Doc {
    const open = this.before(span.pos);
    const names = join(
      axes.map(({ name, size }) => this.sized(name, size)),
      ", ",
    );
    return grouped ? cat(open, "(", names, ")") : cat(open, names);
  }

  // --------------------------------------------------------------------------------------------------------------------- types

  type(type: TypeNode): Doc {
    const open = this.before(type.span.pos);
    switch (type.kind) {
      case "AxesType":
        return cat(open, this.axes(type.axes));
      case "IndexType": {
        const axis = cat("@", this.name(type.axis));
        const size = type.size ? cat("(", this.expr(type.size), ")") : "";
        return cat(open, axis, size, type.axes ? this.axes(type.axes) : "");
      }
      case "NamedType":
        return cat(open, this.name(type.name), type.axes ? this.axes(type.axes) : "");
      case "SignatureType": {
        const name = this.name(type.name);
        const inputs = this.inputs(type.inputs, type.rest, type.name.span.end);
        const result = type.result ? cat(" -> ", this.type(type.result)) : "";
        return cat(open, name, type.name.text === "fn" ? "" : " ", inputs, result);
      }
      case "ChoiceType":
        return cat(
          open,
          join(
            type.words.map((word) => this.name(word)),
            " | ",
          ),
        );
      case "RecordType": {
        const fields = type.fields.map(({ name, type: of }) => ({
          doc: () => cat(this.name(name), ": ", this.type(of)),
          at: { pos: name.span.pos, end: of.span.end },
        }));
        return cat(open, this.items("(", fields, ")", type.span.end - 1));
      }
      case "TupleType": {
        const items = type.items.map((item) => ({ doc: () => this.type(item), at: item.span }));
        return cat(open, this.items("(", items, ")", type.span.end - 1));
      }
    }
  }

  axes({ items, arrow, span }: AxesSpec): Doc {
    const open = this.before(span.pos);
    if (!arrow) {
      const all = items.map((item) => ({ doc: () => this.axis(item), at: item.span }));
      return cat(open, this.items("[", all, "]", span.end - 1));
    }
    const left = join(
      items.map((item) => this.axis(item)),
      ", ",
    );
    const right = join(
      arrow.map((item) => this.axis(item)),
      ", ",
    );
    const closing = this.closing(span);
    return cat(open, "[", left, left === "" ? "-> " : " -> ", right, closing, "]");
  }

  private axis(item: AxisItem): Doc {
    if (item.kind === "axis") return this.sized(item.name, item.size);
    return cat(this.before(item.span.pos), item.kind === "all" ? "*" : String(item.value));
  }

  /** `from`: somewhere before the inputs, with nothing in parentheses in between. */
  inputs(inputs: readonly Input[], rest: boolean, from: number): Doc {
    const close = this.feed?.next(RightParen, inputs.at(-1)?.span.end ?? from) ?? 0;
    const items: Listed[] = inputs.map((input) => ({ doc: () => this.input(input), at: input.span }));
    if (rest) items.push(this.dots(close));
    return this.items("(", items, ")", close);
  }

  private input({ name, type, value }: Input): Doc {
    const label = this.name(name);
    const typed = type ? cat(": ", this.type(type)) : "";
    return cat(label, typed, value ? cat(" = ", this.expr(value)) : "");
  }

  // ------------------------------------------------------------------------------------------------------------------ settings

  setting({ name, value, offered }: Setting): Doc {
    const label = cat(this.name(name), offered ? "?" : "");
    return value ? cat(label, ": ", this.expr(value)) : label;
  }

  settings(settings: readonly Setting[], close: number): Doc {
    return this.braces(settings, (setting) => this.setting(setting), close);
  }

  /** On one line if they fit, else in the lines of the author; without commas at the ends of lines. */
  protected braces<T extends { readonly span: Span }>(list: readonly T[], print: (item: T) => Doc, close: number): Doc {
    if (list.length === 0) {
      return this.emptyBraces(close);
    }
    const opened = this.opened("{", list[0]?.span.pos ?? close);
    const lines = this.lines(list, print);
    const closing = this.before(close);
    return group(opened, indent(line, join(lines, commaLine), closing), line, "}");
  }

  protected emptyBraces(close: number): Doc {
    const opened = this.opened("{", close);
    const inside = this.before(close);
    return !isHard(opened) && inside === "" ? "{}" : cat(opened, indent(inside), hardLine, "}");
  }

  /** What the author put on one line, with its comments. */
  protected lines<T extends { readonly span: Span }>(list: readonly T[], print: (item: T) => Doc): Doc[] {
    const lines: { parts: Doc[]; trail: Doc }[] = [];
    let end = -1;
    for (const item of list) {
      const lead = this.before(item.span.pos);
      const part = cat(lead, print(item));
      const trail = this.after(item.span.end);
      const last = end >= 0 && lead === "" && !this.feed?.broken(end, item.span.pos) ? lines.at(-1) : undefined;
      if (last) {
        last.parts.push(part);
        last.trail = trail;
      } else lines.push({ parts: [part], trail });
      end = item.span.end;
    }
    return lines.map(({ parts, trail }) => cat(fill(parts, ", ", ""), trail));
  }
}

/** As it was written, where it was: `2_000`, `1e-4`. */
function numberText({ value, span }: NumberExpr): string {
  const written = spanText(span);
  return /^[\d.][\w.+-]*$/.test(written) && Number(written.replaceAll("_", "")) === value ? written : String(value);
}
