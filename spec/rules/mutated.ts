/** The property of damaged specs: no crash, no hang, and every diagnostic stands in the file. */
import assert from "node:assert/strict";
import { pages } from "../../compiler/diagnostics/catalog.js";
import { blocksOfReference, compiled, examples, lines, loaded, name } from "./load.js";
import { mutate, random } from "./mutate.js";

/** Small networks, so that thousands can be elaborated; every construct stands somewhere in them. */
export function seeds(): string[] {
  const small = [...pages().values()].flatMap((p) =>
    p.area === "syntax" || p.example === undefined ? [] : [p.example],
  );
  return [...small, ...small, ...examples.values(), ...blocksOfReference.values()];
}

export interface Outcome {
  readonly tried: number;
  readonly slowest: number;
  readonly failures: readonly string[];
}

export function tryMutated(count: number, from: number, budget: number): Outcome {
  const texts = seeds();
  const failures: string[] = [];
  let slowest = 0;
  for (let i = 0; i < count; i++) {
    const next = random(from + i);
    const text = mutate(texts[Math.floor(next() * texts.length)] ?? "", next);
    const failed = tryOne(text, budget);
    slowest = Math.max(slowest, failed.took);
    if (failed.why !== undefined) failures.push(`seed ${from + i}: ${failed.why}\n${text}`);
  }
  return { tried: count, slowest, failures };
}

function tryOne(text: string, budget: number): { took: number; why: string | undefined } {
  let took = 0;
  // Another process may have had the processor: the second time counts.
  for (let attempt = 0; attempt < 3; attempt++) {
    const started = performance.now();
    try {
      const outcome = loaded(text);
      took = performance.now() - started;
      const found = [...outcome.diagnostics, ...compiled(outcome)];
      for (const d of found) {
        const inside = d.span.source.path === name ? d.span.end <= text.length : d.span.source.path === "base.dit";
        if (!inside || d.span.pos < 0 || d.span.pos > d.span.end)
          return { took, why: `${d.code} stands outside the file: ${lines([d])[0]} in ${d.span.source.path}` };
      }
    } catch (e) {
      return { took, why: e instanceof Error ? (e.stack ?? e.message) : String(e) };
    }
    if (took <= budget) return { took, why: undefined };
  }
  return { took, why: `took ${Math.round(took)} ms` };
}

export function assertSound(outcome: Outcome): void {
  assert.equal(
    outcome.failures.length,
    0,
    `${outcome.failures.length} of ${outcome.tried}:\n${outcome.failures.slice(0, 5).join("\n\n")}`,
  );
}
