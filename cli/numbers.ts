/** Numbers as people read them. */

/** `32.6 M`; below a thousand the number itself. */
export function amount(n: number, unit = ""): string {
  return scaled(n, 1000, ["", "k", "M", "G", "T", "P", "E"], unit);
}

export function bytes(n: number): string {
  return scaled(n, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], "");
}

/** `723,844` */
export function grouped(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Columns side by side, the given ones to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  const cell = (text: string, i: number) =>
    right.includes(i) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  return rows.map((row) => `${row.map(cell).join("  ").trimEnd()}\n`).join("");
}

function scaled(n: number, step: number, prefixes: readonly string[], unit: string): string {
  let value = n;
  let i = 0;
  for (; i < prefixes.length - 1 && Math.abs(value) >= step * 0.99995; i++) value /= step;
  const figure = i === 0 ? String(Math.round(value * 10) / 10) : value.toFixed(1);
  return `${figure} ${prefixes[i] ?? ""}${unit}`.trim();
}
