/** Rules for values: operators, calls, members, axis forms, brackets, and definitions as values with their settings. */
import type { IOrAlt, IToken } from "chevrotain";
import { combine, type Link, longest, type Operand, type Remark } from "./operators.js";
import { type List, textOf } from "./parser-base.js";
import { BracketParser, valueStarts } from "./parser-brackets.js";
import { deepest, replacement, retype } from "./scan.js";
import * as t from "./tokens.js";
import type { BinaryOperator, DefExpr, Expr, IfExpr, MissingExpr, Name, Setting } from "./tree.js";

type Prefix = Operand["prefixes"][number];
export abstract class ExpressionParser extends BracketParser {
  private readonly remarkAt: Remark = (code, args, span, fix) => {
    this.remark(code, args, span, fix ? { fixes: [replacement(fix.title, span, fix.text)] } : {});
  };

  /** Whether a value stands here; a word that rule J took for a keyword is a name again where only a value can be. */
  private valueHere(): boolean {
    const token = this.ahead(1);
    if (t.isA(token, t.Declaring) && !token.newline) retype(token, t.Lower);
    if (!this.startsValue(1)) return false;
    // `a:` and on the next line `b: 3`: the value of `a` is missing.
    const before = this.LA(0).tokenType;
    const open = before === t.Colon || before === t.Equal;
    return !(open && token.newline && t.isA(token, t.Lower) && (this.next(t.Colon, 2) || this.next(t.Equal, 2)));
  }

  protected absent(wants: string): MissingExpr {
    this.unexpected(wants);
    return { kind: "Missing", span: this.gap() };
  }

  // ---------------------------------------------------------------------------------------------------------------- operators

  readonly expr = this.RULE("expr", (): Expr => {
    const first = this.SUBRULE(this.operand);
    // Most values are one operand: the machinery for more is entered only if an operator follows.
    if (!this.RECORDING_PHASE && first.prefixes.length === 0 && !this.next(t.Operator) && !this.next(t.Is))
      return first.value;
    let links: Link[] | undefined;
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const sign = this.CONSUME(t.Operator);
            const right = this.SUBRULE2(this.operand);
            this.ACTION(() => {
              links ??= [];
              links.push({ op: sign.image as BinaryOperator, span: this.spanOf(sign), right });
            });
          },
        },
        {
          ALT: () => {
            const span = this.spanOf(this.CONSUME(t.Is));
            const negated = this.OPTION(() => this.CONSUME(t.Not)) !== undefined;
            const word = this.lower(1, "a word");
            this.ACTION(() => {
              links ??= [];
              links.push({ op: "is", span, word, negated });
            });
          },
        },
      ]);
    });
    return this.ACTION(() => {
      if (!links && first.prefixes.length === 0) return first.value;
      if ((links?.length ?? 0) > longest || first.prefixes.length > deepest) {
        this.remark("too-deep", { limit: longest }, first.value.span);
        return first.value;
      }
      return combine(first, links ?? [], this.remarkAt);
    });
  });

  private readonly operand = this.RULE("operand", (): Operand => {
    let prefixes: Prefix[] | undefined;
    if (!this.RECORDING_PHASE) {
      const leaf = this.leaf();
      if (leaf) return { prefixes: none, value: leaf };
    }
    this.MANY(() => {
      const sign = this.OR([{ ALT: () => this.CONSUME(t.Minus) }, { ALT: () => this.CONSUME(t.Not) }]);
      this.ACTION(() => {
        prefixes ??= [];
        prefixes.push({ op: sign.tokenType === t.Minus ? "-" : "not", span: this.spanOf(sign) });
      });
    });
    if (!this.RECORDING_PHASE && !this.valueHere()) return { prefixes: none, value: this.absent("a value") };
    const value = this.OR2<Expr>([{ ALT: () => this.SUBRULE(this.choice) }, { ALT: () => this.SUBRULE(this.postfix) }]);
    return { prefixes: prefixes ?? none, value };
  });

  private readonly choice = this.RULE("choice", (): IfExpr => {
    const pos = this.here();
    this.CONSUME(t.If);
    if (!this.RECORDING_PHASE && ++this.depth > deepest) {
      this.report("too-deep", { limit: deepest }, this.spanFrom(pos));
      this.giveUp();
    }
    const condition = this.SUBRULE(this.expr);
    this.keyword(1, t.Then, "`then`");
    const value = this.SUBRULE2(this.expr);
    let otherwise: Expr;
    if (!this.RECORDING_PHASE && !this.next(t.Else)) {
      this.report("missing-else", undefined, this.spanFrom(pos));
      otherwise = { kind: "Missing", span: this.gap() };
    } else {
      this.CONSUME(t.Else);
      otherwise = this.SUBRULE3(this.expr);
    }
    this.depth--;
    // biome-ignore lint/suspicious/noThenProperty: the tree calls the branch what the language calls it
    return { kind: "If", condition, then: value, else: otherwise, span: this.spanFrom(pos) };
  });

  // ------------------------------------------------------------------------------------------------------------------ postfix

  readonly postfix = this.RULE("postfix", (): Expr => {
    const pos = this.here();
    let value = this.SUBRULE(this.primary);
    let length = 0;
    this.MANY({
      // Rule L: `(` and `[` apply to what stands before them on the same line only.
      GATE: () => this.LA(1).tokenType === t.Dot || !this.ahead(1).newline,
      DEF: () => {
        if (!this.RECORDING_PHASE && ++length > longest) {
          this.report("too-deep", { limit: longest }, this.spanFrom(pos));
          this.giveUp();
        }
        const object = value;
        value = this.OR<Expr>([
          {
            ALT: () => {
              this.CONSUME(t.Dot);
              return { kind: "Member", object, name: this.memberName(), span: this.spanFrom(pos) };
            },
          },
          {
            ALT: () => {
              const { items, rest } = this.SUBRULE(this.parens);
              return { kind: "Call", callee: object, args: items, rest: rest !== undefined, span: this.spanFrom(pos) };
            },
          },
          {
            ALT: () => {
              const items = this.SUBRULE(this.reindex);
              return { kind: "Reindex", object, items, span: this.spanFrom(pos) };
            },
          },
        ]);
      },
    });
    return value;
  });

  /** After a dot; where none stands, an empty name, so that what is before the dot stays known. */
  protected memberName(): Name {
    if (!this.RECORDING_PHASE) {
      const token = this.ahead(1);
      const elsewhere = token.newline && (this.next(t.Colon, 2) || this.next(t.Equal, 2));
      if (t.isA(token, t.Reserved) && !token.newline) retype(token, t.Lower);
      if (elsewhere || !(t.isA(token, t.Lower) || token.tokenType === t.Upper)) {
        this.unexpected("a name after the dot");
        return { text: "", span: this.gap() };
      }
    }
    return this.nameOf(this.OR9([{ ALT: () => this.CONSUME8(t.Lower) }, { ALT: () => this.CONSUME8(t.Upper) }]));
  }

  /** Made once: a list of alternatives for each value would be most of what reading allocates. */
  private readonly primaries: IOrAlt<Expr>[] = [
    { ALT: () => this.numberFrom(this.CONSUME(t.Int)) },
    { ALT: () => this.numberFrom(this.CONSUME(t.Float)) },
    {
      ALT: () => {
        const token = this.CONSUME(t.Text);
        return { kind: "String", value: this.RECORDING_PHASE ? "" : textOf(token.image), span: this.spanOf(token) };
      },
    },
    { ALT: () => ({ kind: "Bool", value: true, span: this.spanOf(this.CONSUME(t.True)) }) },
    { ALT: () => ({ kind: "Bool", value: false, span: this.spanOf(this.CONSUME(t.False)) }) },
    { ALT: () => ({ kind: "None", span: this.spanOf(this.CONSUME(t.None)) }) },
    { ALT: () => this.nameFrom(this.CONSUME(t.Lower)) },
    { ALT: () => this.SUBRULE(this.definitionValue) },
    {
      ALT: () => {
        const parens = this.SUBRULE(this.parens);
        return this.ACTION(() => this.grouped(parens));
      },
    },
    { ALT: () => this.SUBRULE(this.bracket) },
  ];

  private readonly primary = this.RULE("primary", (): Expr => this.OR(this.primaries));

  private numberFrom(token: IToken): Expr {
    return { kind: "Number", value: this.numberOf(token), whole: token.tokenType === t.Int, span: this.spanOf(token) };
  }

  private nameFrom(token: IToken): Expr {
    return { kind: "Name", name: token.image, span: this.spanOf(token) };
  }

  /** A short cut past three rules for the commonest values, names and numbers that nothing is applied to: a third of the time. */
  private leaf(): Expr | undefined {
    const token = this.ahead(1);
    const type = token.tokenType;
    if (type !== t.Lower && type !== t.Int && type !== t.Float) return undefined;
    const next = this.ahead(2);
    const applied =
      next.tokenType === t.Dot ||
      (!next.newline && (next.tokenType === t.LeftParen || next.tokenType === t.LeftBracket));
    if (applied || !this.valueHere()) return undefined;
    this.SKIP_TOKEN();
    return type === t.Lower ? this.nameFrom(token) : this.numberFrom(token);
  }

  protected numberOf(token: IToken): number {
    if (this.RECORDING_PHASE) return 0;
    const value = Number(token.image.replaceAll("_", ""));
    return Number.isNaN(value) ? 0 : value;
  }

  readonly definitionValue = this.RULE("definitionValue", (): DefExpr => {
    const pos = this.here();
    const name = this.nameOf(this.CONSUME(t.Upper));
    const member = this.OPTION(() => {
      this.CONSUME(t.Dot);
      return this.memberName();
    });
    const settings = this.OPTION2(() => this.SUBRULE(this.settings));
    return { kind: "Def", name, member, settings, span: this.spanFrom(pos) };
  });

  // ----------------------------------------------------------------------------------------------------------------- settings

  protected readonly settingList: List = {
    entry: "a setting",
    closer: t.RightBrace,
    between: "line",
    afresh: true,
    starts: (ahead) => this.next(t.Lower, ahead),
    stops: (ahead) => this.next(t.Lower, ahead) && (this.next(t.Colon, ahead + 1) || this.ahead(ahead).newline),
    mend: () => this.mendSetting(),
  };

  /** `{ model net, … }`: rule J made a keyword of a setting whose `:` is missing. */
  private mendSetting(): void {
    this.mendName();
    const token = this.ahead(1);
    if (!t.isA(token, t.Declaring)) return;
    const after = this.LA(3).tokenType;
    if (after === t.Comma || after === t.RightBrace) retype(token, t.Lower);
  }

  readonly settings = this.RULE("settings", (): readonly Setting[] => {
    const open = this.CONSUME(t.LeftBrace);
    const settings = this.list(this.settingList, () => this.SUBRULE(this.setting));
    this.close(1, t.RightBrace, open);
    return settings;
  });

  readonly setting = this.RULE("setting", (): Setting => {
    const pos = this.here();
    const name = this.lower(1);
    const offered = this.OPTION(() => this.CONSUME(t.Question)) !== undefined;
    // Where the `:` is missing the value is read all the same.
    const value =
      !this.RECORDING_PHASE && this.mendColon(name)
        ? this.SUBRULE(this.expr)
        : this.OPTION2(() => {
            this.CONSUME(t.Colon);
            return this.SUBRULE(this.expr);
          });
    return { name, value, offered, span: this.spanFrom(pos) };
  });

  /** `=` for `:` is turned into it; true if there is no sign at all between a name and its value. */
  protected mendColon(name: Name): boolean {
    const token = this.ahead(1);
    if (token.newline || token.tokenType === t.Colon) return false;
    if (token.tokenType === t.Equal) {
      const fixes = [replacement("write `:`", { ...this.spanOf(token), pos: name.span.end }, ":")];
      this.remark("equals-for-colon", { name: name.text }, this.spanOf(token), { fixes });
      retype(token, t.Colon);
      return false;
    }
    if (!valueStarts.has(token.tokenType) || token.tokenType === t.If || token.tokenType === t.LeftParen) return false;
    this.missing(":");
    return true;
  }
}

const none: Operand["prefixes"] = [];
