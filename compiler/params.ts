/** `--set key=value`: values of `param`s as written on a command line, read as expressions of the language. */
import type { Diagnostic, Outcome } from "../grammar/diagnostic.js";
import { nearest } from "../grammar/nearest.js";
import { parse } from "../grammar/parse.js";
import { SourceFile } from "../grammar/source.js";
import { report } from "./diagnostics/create.js";
import { Ctx } from "./elaborate/ctx.js";
import { fileScope } from "./elaborate/files.js";
import { typedValue } from "./elaborate/make-instance.js";
import type { Val } from "./elaborate/values.js";
import type { FileSymbols } from "./names/symbols.js";

export function parseParams(
  file: FileSymbols,
  set: Readonly<Record<string, string>>,
): Outcome<ReadonlyMap<string, Val>> {
  const diagnostics: Diagnostic[] = [];
  const values = new Map<string, Val>();
  for (const [key, text] of Object.entries(set)) {
    const source = new SourceFile(`--set ${key}`, `param ${key}: float = ${text}\n`);
    const outcome = parse(source);
    const symbol = file.seen.get(key);
    if (symbol?.kind !== "param") {
      const params = [...file.seen].filter(([, s]) => s.kind === "param").map(([n]) => n);
      const guess = nearest(key, params);
      diagnostics.push(
        report(
          "unknown-name",
          { name: key },
          { source, pos: 6, end: 6 + key.length },
          {
            help: [
              guess
                ? `did you mean \`${guess}\`?`
                : params.length > 0
                  ? `params of this spec: ${params.join(", ")}`
                  : "this spec has no `param`",
            ],
          },
        ),
      );
      continue;
    }
    const item = outcome.value.items[0];
    if (outcome.diagnostics.length > 0 || item?.kind !== "Param" || !item.value) {
      diagnostics.push(...outcome.diagnostics);
      continue;
    }
    const ctx = new Ctx(new Map());
    const expr = item.value;
    const value = ctx.attempt(() => typedValue(symbol.decl, expr, fileScope(ctx, symbol.file)));
    diagnostics.push(...ctx.diagnostics);
    if (value) values.set(key, value);
  }
  return { value: values, diagnostics };
}
