/** The scope of a whole file: params, instances, functions. */
import type { FileSymbols } from "../names/symbols.js";
import type { Ctx } from "./ctx.js";
import { Scope } from "./scope.js";

export function fileScope(ctx: Ctx, file: FileSymbols): Scope {
  let scope = ctx.fileScopes.get(file);
  if (!scope) {
    scope = new Scope({ ctx, kind: "file", file, frame: undefined });
    ctx.fileScopes.set(file, scope);
  }
  return scope;
}
