/**
 * Something outside the spec stops a run: a file that is missing or damaged, a loss that became infinite, a folder that exists already.
 * The command line shows it and exits with 2 (could not run); a mistake of ours is a plain `Error` instead.
 */
export class RuntimeFault extends Error {
  override readonly name = "RuntimeFault";

  constructor(
    /** One sentence: what is wrong. */
    readonly what: string,
    /** The file with its byte or key, the step, the line of the spec. */
    readonly where: string,
    /** What to try, one proposal an entry. */
    readonly help: readonly string[] = [],
    cause?: unknown,
  ) {
    super(
      `${what}\n  where: ${where}${help.map((h) => `\n  help: ${h}`).join("")}`,
      cause === undefined ? undefined : { cause },
    );
  }
}

/** The text of anything that was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a thrown value is a system error with this code (`ENOENT`, `EEXIST`, ...). */
export function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}

/** The candidate that is most like a name, for "did you mean"; undefined if none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = editDistance(name, candidate, least);
    if (d < least) {
      best = candidate;
      least = d;
    }
  }
  return best;
}

/** Levenshtein distance, cut off at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
