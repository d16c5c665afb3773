/** Trees back to text, for messages and for what the compiler writes; a whole file with its comments is formatted by format.ts. */
import { render } from "./doc.js";
import { ItemPrinter } from "./print-items.js";
import { ValuePrinter } from "./print-values.js";
import type { Expr, Item, Setting, Statement, TypeNode } from "./tree.js";

const values = new ValuePrinter(undefined);
const items = new ItemPrinter(undefined);

/** On one line, however long. */
export function printExpr(expr: Expr): string {
  return render(values.expr(expr), 0, Number.POSITIVE_INFINITY);
}

export function printType(type: TypeNode): string {
  return render(values.type(type), 0, Number.POSITIVE_INFINITY);
}

export function printSetting(setting: Setting): string {
  return render(values.setting(setting), 0, Number.POSITIVE_INFINITY);
}

/** In canonical form, `depth` blanks from the left. */
export function printStatement(statement: Statement, depth = 0): string {
  return render(items.statement(statement), depth);
}

export function printItem(item: Item, depth = 0): string {
  return render(items.item(item), depth);
}
