/** What there is to say about a file of weights. */
import { conversions, type Matching } from "../runtime/weights/match.js";
import type { NestedFile } from "../runtime/weights/tensor-file.js";
import { grouped, table } from "./numbers.js";
import { visible } from "./output.js";

/** More names than that are counted. */
const some = 12;

/** What a file holds: its entries, then its tensors. */
export function holdings(file: NestedFile): string {
  const facts = file.facts.map((fact) => `${visible(fact)}\n`).join("");
  const rows = [...file.entries].map(([name, { type, shape }]) => [visible(name), type, `[${shape.join(", ")}]`]);
  return `${facts}${facts && rows.length > 0 ? "\n" : ""}${table(rows)}`;
}

/** What of a file fits and what does not, and what becomes of its numbers. */
export function matchText(m: Matching, file: string, network: string): string {
  const shape = (sizes: readonly number[]) => `[${sizes.join(", ")}]`;
  const types = [...m.types].map(([type, count]) => {
    const becomes = conversions[type];
    return `${count} of ${type}${becomes === undefined ? "" : ` (${becomes})`}`;
  });
  return table([
    ["file", visible(file)],
    ["network", network],
    ["match", `${m.matched.length} of ${m.wanted} tensors, ${grouped(m.parameters)} parameters`],
    ...(types.length > 0 ? [["types", types.join(", ")]] : []),
    ...lines("not in the file", m.missing),
    ...lines(
      "other shape",
      m.shapes.map((s) => `${s.name}: ${shape(s.file)} in the file, ${shape(s.spec)} in the spec`),
    ),
    ...lines("not in the network", m.unused),
    ...lines(
      "nothing fills",
      m.kept.filter((path) => !m.missing.includes(path)),
    ),
  ]);
}

function lines(label: string, names: readonly string[]): string[][] {
  const more = names.length - some;
  const shown = names.slice(0, some).map((name, i) => [i === 0 ? label : "", visible(name)]);
  return more > 0 ? [...shown, ["", `and ${more} more`]] : shown;
}
