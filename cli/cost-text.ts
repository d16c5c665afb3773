import type { CostReport } from "./compiler.js";
import { amount, bytes, grouped, table } from "./numbers.js";

/** `net 32.6 M parameters, 5.6 GFLOP an image; run, batch 256: 4.3 TFLOP a step, 6.1 GiB`; nothing for a file of definitions. */
export function costLine(file: string, { instances, plans }: CostReport): string[] {
  const parts = instances.map(({ name, parameters, flopsPerSample }) => {
    const text = `${name} ${amount(parameters)} parameters`;
    return flopsPerSample === undefined ? text : `${text}, ${amount(flopsPerSample, "FLOP")} an image`;
  });
  const runs = plans
    .filter((plan) => plan.kind === "train")
    .map(
      ({ name, batch, flopsPerStep, peakBytes }) =>
        `${name}, batch ${batch}: ${amount(flopsPerStep, "FLOP")} a step, ${bytes(peakBytes)}`,
    );
  const text = [parts.join(", "), ...runs].filter(Boolean).join("; ");
  return text ? [`${file}   ${text}`] : [];
}

/** All of it as tables. */
export function costTables({ instances, plans }: CostReport): string {
  const owners = instances.map(({ name, parameters, flopsPerSample }) => [
    name,
    grouped(parameters),
    flopsPerSample === undefined ? "" : amount(flopsPerSample),
  ]);
  const rows = plans.map(({ name, kind, batch, parameters, flopsPerStep, peakBytes }) => [
    name,
    kind,
    grouped(batch),
    grouped(parameters),
    amount(flopsPerStep / batch),
    amount(flopsPerStep),
    bytes(peakBytes),
  ]);
  const limits = plans.flatMap(({ name, memory }) => (memory ? [{ name, memory }] : []));
  const wanted = limits.map(({ name, memory: { bytes: whole, least, leastExtra, limit, limited, limitedExtra } }) => [
    name,
    bytes(whole),
    bytes(least),
    percent(leastExtra),
    ...(limit === undefined || limited === undefined
      ? ["", "", ""]
      : [bytes(limit), bytes(limited), percent(limitedExtra ?? 0)]),
  ]);
  const withLimit = limits.some(({ memory }) => memory.limit !== undefined);
  const head = ["plan", "memory of the process", "least with remat", "FLOP on top", "limit", "then", "FLOP on top"];
  const shown = [head, ...wanted].map((row) => (withLimit ? row : row.slice(0, 4)));
  const tables = [
    owners.length ? table([["instance", "parameters", "FLOP an image, forward"], ...owners], [1, 2]) : "",
    rows.length
      ? table(
          [["plan", "kind", "batch", "parameters", "FLOP a sample", "FLOP a run", "peak memory"], ...rows],
          [2, 3, 4, 5, 6],
        )
      : "",
    wanted.length ? table(shown, [1, 2, 3, 4, 5, 6]) : "",
  ];
  return tables.filter(Boolean).join("\n");
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
