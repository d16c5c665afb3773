/** The keys and the body of plans, with everything said. */
import type { ByClause, InstanceDecl, MinimizeStatement, PlanDecl, Statement } from "../../grammar/tree.js";
import type { Ctx } from "../elaborate/ctx.js";
import { planSettingKeys } from "../elaborate/make-instance.js";
import type { FileSymbols } from "../names/symbols.js";
import { sampleKeys, trainKeys } from "../plan/keys.js";
import type { BuiltTrain } from "../plan/train.js";
import type { Piece, Settings } from "./settings.js";
import { type Edit, editedText, numberText } from "./text.js";

/** Keys that say where and not what is computed. */
export const machineKeys: ReadonlySet<string> = new Set(["engine", "memory"]);

export function trainPieces(decl: PlanDecl, built: BuiltTrain | undefined, settings: Settings): Piece[] {
  const usual: Record<string, string> = {
    seed: "0",
    micro: numberText(built?.batch ?? 1),
    precision: "f32",
    ema: "none",
    start: "fresh",
    checkpoint: numberText(Math.min(50_000, built?.steps ?? 50_000)),
    engine: "auto",
    memory: "auto",
    log: numberText(Math.min(50, built?.steps ?? 50)),
  };
  return keyPieces(decl.keys, Object.keys(trainKeys), usual, settings);
}

/** Those among the settings of a `sample`. */
export function samplePieces(decl: InstanceDecl | PlanDecl, run: string | undefined, settings: Settings): Piece[] {
  const keys =
    decl.kind === "Plan" ? decl.keys : (decl.ref.settings ?? []).filter((s) => planSettingKeys.has(s.name.text));
  const usual: Record<string, string> = { seed: "0", precision: "f32", engine: "auto", every: "none" };
  if (run !== undefined) usual.of = run;
  return keyPieces(keys, Object.keys(sampleKeys), usual, settings);
}

function keyPieces(
  keys: PlanDecl["keys"],
  order: readonly string[],
  usual: Readonly<Record<string, string>>,
  settings: Settings,
): Piece[] {
  const pieces: Piece[] = [];
  const defaults = new Map<string, Piece>();
  for (const { name, value } of keys) {
    const text = value ? settings.expression(value) : name.text;
    const piece = { text: value ? `${name.text}: ${text}` : name.text };
    if (text === usual[name.text]) defaults.set(name.text, { ...piece, note: "default" });
    else pieces.push(piece);
  }
  for (const [name, text] of Object.entries(usual))
    if (!keys.some((key) => key.name.text === name)) defaults.set(name, { text: `${name}: ${text}`, note: "default" });
  return [...pieces, ...order.flatMap((name) => defaults.get(name) ?? [])];
}

/** The statements of a plan or of a `with`, each with all settings of the definitions in it. */
export function statementTexts(
  body: readonly Statement[],
  main: FileSymbols,
  settings: Settings,
  built?: BuiltTrain,
  ctx?: Ctx,
): string[] {
  return body.map((s) => {
    const edits: Edit[] = [...settings.edits(s)];
    if (s.kind === "Minimize") edits.push(...minimizeEdits(s, body, built, ctx));
    return editedText(s.span, main.tree, edits).trim();
  });
}

/** `minimize loss by … over … clip none { … }` */
function minimizeEdits(
  s: MinimizeStatement,
  body: readonly Statement[],
  built: BuiltTrain | undefined,
  ctx: Ctx | undefined,
): Edit[] {
  const edits: Edit[] = [];
  const put = (pos: number, text: string) => edits.push({ pos, end: pos, text });
  const [by, ...more] = s.by;
  const last = s.by.at(-1);
  if (!s.name) put(s.span.pos + "minimize".length, " loss");
  let tail = "";
  const alone = body.filter((one) => one.kind === "Minimize").length === 1 && more.length === 0;
  if (by && alone && !by.over) tail += overText(by, built, ctx);
  if (!s.clip) tail += " clip none";
  if (last && tail) put(last.span.end, tail);
  return edits;
}

/** Only where it means the same: every weight of these instances is moved. */
function overText(_by: ByClause, built: BuiltTrain | undefined, ctx: Ctx | undefined): string {
  if (!built || !ctx) return "";
  const owners = new Set([...built.covered].map((path) => path.split(".")[0] ?? path));
  for (const path of ctx.weights.keys())
    if (owners.has(path.split(".")[0] ?? path) && !built.covered.has(path)) return "";
  return ` over ${[...owners].join(", ")}`;
}
