/** Items and files as documents. */
import {
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
  line,
} from "./doc.js";
import { type Entry, StatementPrinter } from "./print-statements.js";
import type { Span } from "./source.js";
import { RightBrace, RightParen } from "./tokens.js";
import type {
  Definition,
  FileNode,
  Item,
  LayoutDecl,
  LayoutEntry,
  Name,
  ParamDecl,
  PlanDecl,
  Setting,
  SettingDecl,
  SweepDecl,
  UseDecl,
} from "./tree.js";

export class ItemPrinter extends StatementPrinter {
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
    const arrow = this.feed?.endBefore(result.span.pos) ?? 0;
    const brokeInputs = this.feed?.broken(from, this.feed.tokenAt(from)) ?? false;
    const brokeResult = this.feed?.broken(this.feed.next(RightParen, inputs.at(-1)?.span.end ?? from), arrow) ?? false;
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
}

function between(span: Span, before: Span, after: Span): boolean {
  return span.pos > before.pos && span.pos < after.pos;
}

/** Upper case first, then by code. */
function byCaseAndName(a: Name, b: Name): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}
