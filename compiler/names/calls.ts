/** Calls: arguments by name against what is called, look-ups, builtins whose brackets make an axis. */
import type { Arg, CallExpr, Input } from "../../grammar/tree.js";
import type { Checker } from "./checker.js";
import { checkBrackets, checkExpr, checkTyped } from "./expressions.js";
import type { Space } from "./space.js";
import { suggest } from "./suggest.js";

/** `stack[a](…)`, `repeat[a](…)`: the brackets make the axis. */
const makers: ReadonlySet<string> = new Set([
  "stack",
  "repeat",
  "position",
  "zeros",
  "ones",
  "linspace",
  "windows",
  "topk",
  "eigenvectors",
]);

export function checkCall(c: Checker, e: CallExpr, s: Space): void {
  const callee = e.callee;
  if (
    callee.kind === "Reindex" &&
    callee.object.kind === "Name" &&
    makers.has(callee.object.name) &&
    !s.find(callee.object.name)
  ) {
    c.readName(callee.object.name, callee.object.span, s);
    const [first, ...more] = callee.items;
    // `windows[row, dr]` slides along the first and makes the second, `eigenvectors[a, b, k]` makes the third.
    const read = { windows: 1, eigenvectors: 2 }[callee.object.name] ?? 0;
    checkBrackets(
      c,
      callee.items.slice(0, read).filter((i) => i.kind === "axis"),
      s,
    );
    for (const i of [first, ...more]) if (i?.kind === "size") checkExpr(c, i.size, s);
    checkArgs(c, e.args, s, undefined);
    return;
  }
  if (callee.kind === "Member" && callee.name.text === "at" && e.args.length === 1 && e.args[0]?.name) {
    checkExpr(c, callee.object, s);
    const arg = e.args[0];
    if (arg.name) c.readAxis(arg.name.text, arg.name.span, s);
    checkExpr(c, arg.value, s);
    return;
  }
  if (callee.kind === "Name" && !s.find(callee.name) && !c.file.seen.has(callee.name)) {
    if (callee.name === "ema") {
      // The second argument is the name of an average.
      if (e.args[0]) checkExpr(c, e.args[0].value, s);
      return;
    }
    if (callee.name === "load") {
      for (const a of e.args) if (a.value.kind === "Def") c.symbol(a.value.name.text);
      return;
    }
  }
  checkExpr(c, callee, s);
  const known = callee.kind === "Name" ? c.callee(callee.name, s) : undefined;
  if (known) {
    const { decl, more } = known;
    const taps = [
      ...(decl.kind === "Definition" && decl.body !== "extern" ? decl.body : []),
      ...more.flatMap((m) => m.rewires ?? []),
    ].flatMap((x) => (x.kind === "Tap" || x.kind === "Draw" ? [x.target.name.text] : []));
    checkArgs(c, e.args, s, { name: decl.name.text, inputs: decl.inputs, rest: decl.rest, taps });
    return;
  }
  if (callee.kind === "Def") {
    const symbol = c.file.seen.get(callee.name.text);
    if (symbol?.kind === "definition") {
      const { decl } = symbol;
      const taps = (decl.body === "extern" ? [] : decl.body).flatMap((x) =>
        x.kind === "Tap" || x.kind === "Draw" ? [x.target.name.text] : [],
      );
      checkArgs(c, e.args, s, { name: decl.name.text, inputs: decl.inputs, rest: decl.rest, taps });
      return;
    }
  }
  checkArgs(c, e.args, s, undefined);
}

interface Takes {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly rest: boolean;
  readonly taps: readonly string[];
}

function checkArgs(c: Checker, args: readonly Arg[], s: Space, takes: Takes | undefined): void {
  args.forEach((a, i) => {
    const input = a.name ? takes?.inputs.find((x) => x.name.text === a.name?.text) : takes?.inputs[i];
    if (a.name && takes && !input && !takes.rest && !takes.taps.includes(a.name.text)) {
      const names = takes.inputs.map((x) => x.name.text);
      const extras = suggest(
        a.name.text,
        a.name.span,
        [...names, ...takes.taps],
        [names.length > 0 ? `inputs of \`${takes.name}\`: ${names.join(", ")}` : `\`${takes.name}\` has no inputs`],
      );
      c.report("unknown-argument", { argument: a.name.text, name: takes.name }, a.name.span, extras);
    }
    checkTyped(c, a.value, input?.type, s);
  });
}
