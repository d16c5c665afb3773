import type { CostReport } from "./compiler.js";
import { amount, bytes, grouped, table } from "./numbers.js";

/** `net 32.6 M parameters, 5.6 GFLOP an image; run, batch 256: 4.3 TFLOP a step, 6.1 GiB`; nothing for a file of definitions. */
export function costLine(file: string, { instances, plans }: CostReport): string[] {
  const trains = plans.filter((plan) => plan.kind === "train");
  const parts = instances
    .filter((one) => one.parameters > 0)
    .map((one) => `${one.name} ${amount(one.parameters)} parameters`);
  const [first] = trains;
  if (first) parts.push(`${amount(first.flopsPerSample, "FLOP")} an image`);
  const runs = trains.map(
    (plan) =>
      `${plan.name}, batch ${plan.batch}: ${amount(plan.flopsPerStep, "FLOP")} a step, ${bytes(plan.peakBytes)}`,
  );
  const text = [parts.join(", "), ...runs].filter(Boolean).join("; ");
  return text ? [`${file}   ${text}`] : [];
}

/** All of it as two tables. */
export function costTables({ instances, plans }: CostReport): string {
  const head = ["plan", "kind", "batch", "parameters", "FLOP a sample", "FLOP a step", "peak memory"];
  const rows = plans.map((plan) => [
    plan.name,
    plan.kind,
    grouped(plan.batch),
    grouped(plan.parameters),
    amount(plan.flopsPerSample),
    amount(plan.flopsPerStep),
    bytes(plan.peakBytes),
  ]);
  const owners = instances.map((one) => [one.name, grouped(one.parameters)]);
  return [
    owners.length ? table([["instance", "parameters"], ...owners], [1]) : "",
    rows.length ? table([head, ...rows], [2, 3, 4, 5, 6]) : "",
  ]
    .filter(Boolean)
    .join("\n");
}
