/** docs/presets.md: the models of the library in their official sizes. A test holds every number of it. */
import { presets, without } from "../../spec/language/presets.js";

export function presetsPage(): string {
  const rows = presets.map(({ preset, settings, channels, side, parameters, digits, published, source }) => {
    const count = digits ? `${(parameters / 1e6).toFixed(0)} M` : parameters.toLocaleString("en");
    const input = `${channels} x ${side} x ${side}`;
    return `| \`${preset} { ${settings} }\` | ${input} | ${count} | ${published ?? ""} | ${source} |`;
  });
  return [
    "# Official sizes",
    "",
    "The presets of the library beside the official models. Where a commit is named its code was run and its trainable parameters were counted;",
    "where a figure is rounded it is as published. `spec/language/presets.slow.test.ts` holds that `dit cost` gives the same number of parameters,",
    "and multiply-accumulates within 2 % of the published ones, which count matrix products only.",
    "",
    "| preset | input | parameters | 10⁹ multiply-accumulates, published | source |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    ...[...without].map(([preset, why]) => `\`${preset}\` has no row: ${why}.`),
    "",
  ].join("\n");
}
