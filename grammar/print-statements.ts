/** Statements, and what they share with items, as documents. */
import {
  blankLine,
  cat,
  choice,
  columns,
  type Doc,
  flatWidth,
  group,
  hardLine,
  indent,
  isHard,
  join,
  line,
} from "./doc.js";
import { ValuePrinter } from "./print-values.js";
import type { Span } from "./source.js";
import { RightBrace } from "./tokens.js";
import type {
  ByClause,
  Expr,
  Family,
  FnDecl,
  InstanceDecl,
  LogStatement,
  MinimizeStatement,
  Name,
  Ref,
  Select,
  Statement,
  Tail,
  Term,
  TypeNode,
} from "./tree.js";

/** Where the statements of a plan start: plans are items, never nested. */
const inPlan = 2;

/** Something in a block: where it stands, and how it is printed. */
export interface Entry {
  readonly span: Span;
  readonly doc: () => Doc;
}

export class StatementPrinter extends ValuePrinter {
  /** Entries on lines of their own, with the comments above and beside them and the empty lines between them. */
  protected entries(entries: readonly Entry[]): Doc {
    return cat(
      ...entries.map(({ span, doc }) => {
        const above = this.before(span.pos);
        const blank = this.feed?.blankBefore(span.pos) ? blankLine : "";
        const body = doc();
        return cat(above, blank, body, this.after(span.end), hardLine);
      }),
    );
  }

  protected block(entries: readonly Entry[], close: number): Doc {
    const [first] = entries;
    if (!first) return this.emptyBraces(close);
    return cat(
      this.opened("{", first.span.pos),
      indent(hardLine, this.entries(entries), this.before(close)),
      hardLine,
      "}",
    );
  }

  /** The doc comment of a node, where there is no source to take it from. */
  protected docLines(text: string | undefined): Doc {
    if (this.feed || text === undefined) return "";
    return cat(...text.split("\n").flatMap((words) => [`/// ${words}`, hardLine]));
  }

  protected fn({ name, axes, inputs, rest, result, body, short, span }: FnDecl): Doc {
    const opening = cat("fn ", this.name(name));
    const names = join(
      axes.map((axis) => this.name(axis)),
      ", ",
    );
    const takes = this.inputs(inputs, rest, (axes.at(-1) ?? name).span.end);
    const gives = result ? indent(indent(isHard(takes) ? " " : line, "-> ", this.type(result))) : "";
    const head = group(opening, axes.length > 0 ? cat("[", names, "]") : "", takes, gives);
    const [only] = body;
    // One equation is written with `=`; comments in the braces keep the braces.
    const alone = only?.kind === "Return" && body.length === 1 && (short || !this.feed?.holds(name.span.end, span.end));
    if (alone) return this.assign(head, only.value);
    return cat(head, " ", this.block(this.statements(body), span.end - 1));
  }

  /** `head = value`: on one line, or with the value on the next where the author put it there or nothing in it can break. */
  protected assign(head: Doc, value: Expr): Doc {
    const sign = this.feed?.endBefore(value.span.pos) ?? 0;
    // A comment on either side of the sign stays on its line, and the value goes to the next.
    const commented = this.feed?.pending(value.span.pos) ?? false;
    const trail = commented ? this.before(value.span.pos) : "";
    const own = commented || (this.feed?.broken(sign, value.span.pos) ?? false);
    const shown = this.expr(value);
    const beside = cat(" = ", shown);
    const below = own || !breakable(value) ? cat(" =", indent(trail, hardLine, shown)) : beside;
    return commented ? cat(head, below) : choice(cat(head, beside), cat(head, choice(beside, below)));
  }

  protected instance({ of, name, index, ref, rewires, guard }: InstanceDecl): Doc {
    const head = cat(
      `${of} `,
      this.name(name),
      index ? cat("(", this.name(index.name), " in ", this.expr(index.range), ")") : "",
      ": ",
    );
    const made = this.ref(ref);
    const close = this.feed?.next(RightBrace, rewires?.at(-1)?.span.end ?? ref.span.end) ?? 0;
    const wired = rewires ? cat(" with ", this.block(this.statements(rewires), close)) : "";
    return cat(head, made, wired, this.guard(guard));
  }

  protected ref(ref: Ref): Doc {
    return this.def({ ...ref, member: ref.member, settings: ref.settings }, false);
  }

  protected guard(guard: Expr | undefined): Doc {
    return guard ? cat(" if ", this.expr(guard)) : "";
  }

  protected tail({ loops, guard }: Tail): Doc {
    const ranges = join(
      loops.map(({ index, range }) => cat(this.name(index), " in ", this.expr(range))),
      ", ",
    );
    const first = loops.length > 0 ? indent(line, "for ", ranges) : "";
    return cat(first, guard ? indent(line, "if ", this.expr(guard)) : "");
  }

  // ---------------------------------------------------------------------------------------------------------------- statements

  protected statements(body: readonly Statement[]): Entry[] {
    return body.map((statement) => ({ span: statement.span, doc: () => this.statement(statement) }));
  }

  statement(statement: Statement): Doc {
    const above = "doc" in statement ? this.docLines(statement.doc) : "";
    return above === "" ? this.bareStatement(statement) : cat(above, this.bareStatement(statement));
  }

  private bareStatement(statement: Statement): Doc {
    switch (statement.kind) {
      case "Let": {
        const { target } = statement;
        const shown = "name" in target ? this.family(target) : cat("(", this.names(target.pattern), ")");
        return this.equation(cat("let ", shown, this.typed(statement.type)), statement.value, statement.tail);
      }
      case "Tap":
        return this.equation(
          cat("tap ", this.family(statement.target), this.typed(statement.type)),
          statement.value,
          statement.tail,
        );
      case "Weight": {
        const head = cat("weight ", this.name(statement.name), this.typed(statement.type), ` ${statement.how} `);
        return cat(head, this.expr(statement.init), this.guard(statement.guard));
      }
      case "Draw": {
        const head = cat(
          "draw ",
          this.family(statement.target),
          this.typed(statement.type),
          " ~ ",
          this.name(statement.law),
        );
        return group(head, this.tail(statement.tail));
      }
      case "State":
        return this.assign(cat("state ", this.name(statement.name), this.typed(statement.type)), statement.init);
      case "Next":
        return this.equation(cat("next ", this.name(statement.name)), statement.value, {
          loops: [],
          guard: statement.guard,
        });
      case "Set":
        return this.equation(cat("set ", this.expr(statement.target)), statement.value, statement.tail);
      case "Skip": {
        const index = statement.index ? cat("(", this.name(statement.index), ")") : "";
        const head = cat(
          "skip ",
          this.name(statement.name),
          index,
          ": ",
          this.expr(statement.from),
          " -> ",
          this.expr(statement.to),
        );
        return group(head, indent(line, "via ", this.ref(statement.via)), this.tail(statement.tail));
      }
      case "Require":
        return cat(
          "require ",
          this.expr(statement.condition),
          statement.message === undefined ? "" : `, "${statement.message}"`,
        );
      case "Stop":
        return cat("stop if ", this.expr(statement.condition), `, "${statement.reason}"`);
      case "Log":
        return this.log(statement);
      case "Return":
        return cat("return ", this.expr(statement.value));
      case "Minimize":
        return this.minimize(statement);
      case "Instance":
        return this.instance(statement);
      case "Fn":
        return this.fn(statement);
    }
  }

  private equation(head: Doc, value: Expr, tail: Tail): Doc {
    const shown = this.assign(head, value);
    return group(shown, this.tail(tail));
  }

  private typed(type: TypeNode | undefined): Doc {
    return type ? cat(": ", this.type(type)) : "";
  }

  private names(names: readonly Name[]): Doc {
    return join(
      names.map((name) => this.name(name)),
      ", ",
    );
  }

  private family({ name, index }: Family): Doc {
    const label = this.name(name);
    return index ? cat(label, "(", this.expr(index), ")") : label;
  }

  private log({ every, entries, span }: LogStatement): Doc {
    const head = cat("log every ", this.expr(every), " ");
    const list = entries.map((entry) => ({
      span: entry.span,
      doc: () => {
        const label = cat(this.family(entry.target), ": ");
        return group(label, this.expr(entry.value), this.tail(entry.tail));
      },
    }));
    return cat(head, this.terms(list, span.end - 1).doc);
  }

  private minimize({ name, by, clip, terms, span }: MinimizeStatement): Doc {
    const head = cat("minimize", name ? cat(" ", this.name(name)) : "");
    const clauses = by.map((clause) => this.by(clause));
    const cut = clip ? cat("clip ", this.expr(clip)) : "";
    const list = terms.map((term) => ({ span: term.span, doc: () => this.term(term) }));
    const { doc, short } = this.terms(list, span.end - 1);
    const parts = [...clauses, ...(cut === "" ? [] : [cut])];
    const flat = cat(head, ...parts.map((part) => cat(" ", part)), " ");
    const long = cat(head, indent(...parts.map((part) => cat(hardLine, part))), " ");
    // A term that the author left on its line stays there, if need be with the head on several.
    if (short) {
      const lastLine = flatWidth(cat(parts.at(-1) ?? "", " ", short)) + inPlan + 2;
      return choice(cat(flat, short), lastLine <= columns ? cat(long, short) : cat(choice(flat, long), doc));
    }
    return cat(choice(flat, long), doc);
  }

  /** Terms on lines of their own; `short` where a single one may stay on the line it was on. */
  private terms(list: readonly Entry[], close: number): { doc: Doc; short: Doc | undefined } {
    const [only] = list;
    const stays =
      only &&
      list.length === 1 &&
      !this.feed?.broken(this.feed.endBefore(only.span.pos), close) &&
      !braced(only.span) &&
      !this.feed?.pending(only.span.pos) &&
      !this.feed?.holds(only.span.pos, close);
    if (!stays) return { doc: this.block(list, close), short: undefined };
    const shown = only.doc();
    const short = cat("{ ", shown, " }");
    const long = cat("{", indent(hardLine, shown), hardLine, "}");
    return { doc: choice(short, long), short };
  }

  private by({ optimizer, over }: ByClause): Doc {
    const head = cat("by ", this.def({ ...optimizer, member: optimizer.member, settings: optimizer.settings }, true));
    if (!over) return head;
    return cat(
      head,
      " over ",
      join(
        over.map((select) => this.select(select)),
        ", ",
      ),
    );
  }

  private select({ terms }: Select): Doc {
    return join(
      terms.map(({ path, where }) => cat(this.expr(path), where ? cat(" where ", this.name(where)) : "")),
      " except ",
    );
  }

  private term({ doc, name, value, guard }: Term): Doc {
    const above = this.docLines(doc);
    const label = cat(this.name(name), ": ");
    return cat(above, label, this.expr(value), this.guard(guard));
  }
}

function braced(span: Span): boolean {
  return span.source.text.slice(span.pos, span.end).includes("{");
}

/** Whether a value can go on over several lines by itself. */
function breakable(value: Expr): boolean {
  switch (value.kind) {
    case "If":
    case "Comprehension":
      return true;
    case "Binary":
      return value.op !== "^";
    case "Call":
      return value.args.length > 0;
    case "Group":
      return breakable(value.inner);
    case "Unary":
      return breakable(value.value);
    case "Tuple":
    case "List":
      return value.items.length > 1;
    case "Record":
      return value.fields.length > 1;
    case "Def":
      return (value.settings?.length ?? 0) > 0;
    default:
      return false;
  }
}
