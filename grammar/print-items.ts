/** Statements and items as documents. */
import {
  blankLine,
  broken,
  cat,
  choice,
  columns,
  type Doc,
  fill,
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
  Definition,
  Expr,
  Family,
  FileNode,
  FnDecl,
  InstanceDecl,
  Item,
  LayoutDecl,
  LayoutEntry,
  LogStatement,
  MinimizeStatement,
  Name,
  ParamDecl,
  PlanDecl,
  Ref,
  Select,
  Setting,
  SettingDecl,
  Statement,
  SweepDecl,
  Tail,
  Term,
  TypeNode,
  UseDecl,
} from "./tree.js";

/** Where the statements of a plan start: plans are items, never nested. */
const inPlan = 2;

/** Something in a block: where it stands, and how it is printed. */
interface Entry {
  readonly span: Span;
  readonly doc: () => Doc;
}

export class ItemPrinter extends ValuePrinter {
  // ---------------------------------------------------------------------------------------------------------------------- file

  file({ language, items, span }: FileNode): Doc {
    const entries: Entry[] = items.map((item) => ({ span: item.span, doc: () => this.item(item) }));
    if (language !== undefined) {
      const pos = this.feed?.tokenAt(0) ?? 0;
      const end = this.feed?.endBefore(items[0]?.span.pos ?? span.end) ?? 0;
      entries.unshift({ span: { source: span.source, pos, end }, doc: () => `language ${language}` });
    }
    return cat(this.entries(entries), this.before(span.end + 1));
  }

  /** Entries on lines of their own, with the comments above and beside them and the empty lines between them. */
  private entries(entries: readonly Entry[]): Doc {
    return cat(
      ...entries.map(({ span, doc }) => {
        const above = this.before(span.pos);
        const blank = this.feed?.blankBefore(span.pos) ? blankLine : "";
        const body = doc();
        return cat(above, blank, body, this.after(span.end), hardLine);
      }),
    );
  }

  private block(entries: readonly Entry[], close: number): Doc {
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
  private docLines(text: string | undefined): Doc {
    if (this.feed || text === undefined) return "";
    return cat(...text.split("\n").flatMap((words) => [`/// ${words}`, hardLine]));
  }

  item(item: Item): Doc {
    const doc = "doc" in item ? this.docLines(item.doc) : "";
    return doc === "" ? this.bare(item) : cat(doc, this.bare(item));
  }

  private bare(item: Item): Doc {
    switch (item.kind) {
      case "Use":
        return this.use(item);
      case "Param":
        return this.param(item);
      case "Preset":
        return cat(
          "preset ",
          this.name(item.of),
          ".",
          this.name(item.name),
          " ",
          this.settings(item.settings, item.span.end - 1),
        );
      case "Layout":
        return this.layout(item);
      case "Sweep":
        return this.sweep(item);
      case "Plan":
        return this.plan(item);
      case "Definition":
        return this.definition(item);
      case "Instance":
        return this.instance(item);
      case "Fn":
        return this.fn(item);
    }
  }

  private param({ name, type, value }: ParamDecl): Doc {
    const head = cat("param ", this.name(name), ": ", this.type(type));
    return value ? this.assign(head, value) : head;
  }

  private use({ from, names, span }: UseDecl): Doc {
    const open = cat("use ", from.kind === "library" ? this.name(from.name) : `"${from.path}"`, ".");
    const commented = this.feed?.holds(span.pos, span.end) ?? false;
    // Comments among the names belong to their places.
    const sorted = commented ? names : [...names].sort(byCaseAndName);
    const items = sorted.map((name) => ({
      doc: () => (commented ? this.name(name) : name.text),
      at: commented ? name.span : undefined,
    }));
    return cat(open, this.items("{", items, "}", span.end - 1));
  }

  private layout({ name, target, entries, span }: LayoutDecl): Doc {
    const head = `layout ${name.text} for ${target.text} `;
    const list = entries.map((entry) => ({ span: entry.span, doc: () => this.layoutEntry(entry) }));
    return cat(head, this.block(list, span.end - 1));
  }

  private layoutEntry({ name, ours, as, tail }: LayoutEntry): Doc {
    const parts = name.map((part) => (typeof part === "string" ? part : cat("{", this.expr(part), "}")));
    const head = cat('"', ...parts, '" <-> ', this.expr(ours));
    const axes = as ? cat(" as ", "text" in as ? this.name(as) : this.axes(as)) : "";
    return group(head, axes, this.tail(tail));
  }

  private sweep({ name, of, cases, settings, span }: SweepDecl): Doc {
    const head = `sweep ${name.text} of ${of.text} `;
    if (cases.length === 0) return cat(head, this.settings(settings, span.end - 1));
    const rows: Entry[] = cases.map((row) => ({
      span: row.span,
      doc: () => cat("case ", this.name(row.name), " ", this.settings(row.settings, row.span.end - 1)),
    }));
    return cat(head, this.block(this.withSettings(settings, rows), span.end - 1));
  }

  private plan({ plan, name, keys, body, span }: PlanDecl): Doc {
    const head = `${plan} ${name.text} `;
    if (body.length === 0) return cat(head, this.settings(keys, span.end - 1));
    const statements = body.map((statement) => ({ span: statement.span, doc: () => this.statement(statement) }));
    return cat(head, this.block(this.withSettings(keys, statements), span.end - 1));
  }

  /** Settings among other entries: those that the author put on one line are one entry. */
  private withSettings(settings: readonly Setting[], others: readonly Entry[]): Entry[] {
    const entries = [...others];
    let row: Setting[] = [];
    const close = () => {
      const [first, last] = [row[0], row.at(-1)];
      const line = row;
      if (first && last) {
        const span = { ...first.span, end: last.span.end };
        entries.push({
          span,
          doc: () =>
            fill(
              line.map((setting) => cat(this.setting(setting), "")),
              ", ",
              "",
            ),
        });
      }
      row = [];
    };
    for (const setting of settings) {
      const last = row.at(-1);
      const goesOn =
        last &&
        !this.feed?.broken(last.span.end, setting.span.pos) &&
        !others.some(({ span }) => between(span, last.span, setting.span));
      if (!goesOn) close();
      row.push(setting);
    }
    close();
    return this.feed ? entries.sort((a, b) => a.span.pos - b.span.pos) : [...entries.slice(others.length), ...others];
  }

  // ------------------------------------------------------------------------------------------------ definitions and functions

  private definition(item: Definition): Doc {
    const { of, name, settings, inputs, rest, result, body, short, span } = item;
    const opening = cat(`${of} `, this.name(name));
    const close = this.feed?.next(RightBrace, settings.at(-1)?.span.end ?? 0) ?? 0;
    const decls = settings.length > 0 ? this.braces(settings, (setting) => this.settingDecl(setting), close) : "";
    const takes = this.inputs(inputs, rest, settings.length > 0 ? close : name.span.end);
    const gives = cat("-> ", this.type(result));
    const head = this.head(item, opening, decls, takes, gives, close);
    if (body === "extern") return cat(head, " extern");
    const [only] = body;
    if (short && only?.kind === "Return") return this.assign(head, only.value);
    return cat(head, " ", this.block(this.statements(body), span.end - 1));
  }

  /** On one line if it fits; else with the breaks of the author: in the settings, before the inputs, before the result. */
  private head(
    { name, settings, inputs, result }: Definition,
    opening: Doc,
    decls: Doc,
    takes: Doc,
    gives: Doc,
    close: number,
  ): Doc {
    const flat = cat(opening, decls === "" ? "" : " ", decls, " ", takes, " ", gives);
    const first = settings[0];
    const inSettings = first !== undefined && (this.feed?.broken(name.span.end, first.span.pos) ?? false);
    if (inSettings || isHard(decls) || flatWidth(cat(opening, " ", decls)) > columns) {
      const rest = isHard(takes) ? cat(takes, " ", gives) : group(takes, indent(indent(line, gives)));
      return choice(flat, cat(opening, " ", broken(decls), " ", rest));
    }
    const from = first ? close + 1 : name.span.end;
    const parens = inputs[0]?.span.pos ?? from;
    const arrow = this.feed?.endBefore(result.span.pos) ?? 0;
    const brokeInputs = this.feed?.broken(from, parens) ?? false;
    const brokeResult = this.feed?.broken(inputs.at(-1)?.span.end ?? from, arrow) ?? false;
    const beforeInputs = first !== undefined && (brokeInputs || !brokeResult);
    const beforeResult = brokeResult || !beforeInputs;
    const tooWide = flatWidth(cat(opening, " ", decls, " ", takes)) > columns;
    const second = beforeInputs || (tooWide && first !== undefined) ? cat(hardLine, takes) : cat(" ", takes);
    const third = isHard(takes) ? " " : beforeResult ? hardLine : line;
    return choice(flat, cat(opening, decls === "" ? "" : " ", decls, indent(indent(second, group(third, gives)))));
  }

  private settingDecl({ doc, name, type, value }: SettingDecl): Doc {
    const above = this.docLines(doc);
    const label = cat(this.name(name), ": ");
    const typed = this.type(type);
    return cat(above, label, typed, value ? cat(" = ", this.expr(value)) : "");
  }

  private fn({ name, axes, inputs, rest, result, body, short, span }: FnDecl): Doc {
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
  private assign(head: Doc, value: Expr): Doc {
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

  private instance({ of, name, index, ref, rewires, guard }: InstanceDecl): Doc {
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

  private ref(ref: Ref): Doc {
    return this.def({ ...ref, member: ref.member, settings: ref.settings }, false);
  }

  private guard(guard: Expr | undefined): Doc {
    return guard ? cat(" if ", this.expr(guard)) : "";
  }

  private tail({ loops, guard }: Tail): Doc {
    const ranges = join(
      loops.map(({ index, range }) => cat(this.name(index), " in ", this.expr(range))),
      ", ",
    );
    const first = loops.length > 0 ? indent(line, "for ", ranges) : "";
    return cat(first, guard ? indent(line, "if ", this.expr(guard)) : "");
  }

  // ---------------------------------------------------------------------------------------------------------------- statements

  private statements(body: readonly Statement[]): Entry[] {
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

function between(span: Span, before: Span, after: Span): boolean {
  return span.pos > before.pos && span.pos < after.pos;
}

function braced(span: Span): boolean {
  return span.source.text.slice(span.pos, span.end).includes("{");
}

/** Upper case first, then by code. */
function byCaseAndName(a: Name, b: Name): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
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
