/** `npm run bench -- page`: docs/benchmarks.md, from what the other benches have left in runs/bench. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isRecord } from "./contenders.js";
import { sizes } from "./sizes.js";

const page = "docs/benchmarks.md";

type Result = Readonly<Record<string, unknown>>;

interface Section {
  readonly title: string;
  readonly command: string;
  /** Of the file in runs/bench. */
  readonly name: string;
  readonly text: string;
}

const stepTexts: Readonly<Record<string, string>> = {
  quickstart:
    "The network of `examples/quickstart.dit` with its diversity loss, on noise of the shape of its digits, 64 samples.",
  d128: "Width 128, six blocks, four heads, 64 tokens, 16 samples.",
  s2: "SiT-S/2 on latents of 256 tokens, four samples. The command ends with 1 if `onnx` has less than 0.7 of the speed of PyTorch eager.",
  diverse:
    "SiT-S/2 with the long skips of DiverseDiT, its diversity loss, and REPA with its projector, on features that are given as data.",
};

const sections: readonly Section[] = [
  ...sizes.map(({ name }) => ({
    title: `A train step: ${name}`,
    command: `npm run bench -- step ${name}`,
    name: `step-${name}`,
    text: stepTexts[name] ?? "",
  })),
  {
    title: "Sixteen samples",
    command: "npm run bench -- sample",
    name: "sample-s2",
    text: "SiT-S/2, 25 Euler steps with guidance, against a loop in PyTorch. The engine has loaded the sampler before.",
  },
  {
    title: "Compiling",
    command: "npm run bench -- compile",
    name: "compile",
    text: "From the text of a spec to the graph of its step as an engine takes it, for SiT-XL/2 with 28 blocks and more. The command ends with 1 if 28 blocks take 2 s, or if the time grows faster than the blocks.",
  },
  {
    title: "Checking",
    command: "npm run bench -- check",
    name: "check",
    text: "`dit check` of a spec of a hundred lines, against a node process that does nothing.",
  },
  {
    title: "Memory of a train step",
    command: "npm run bench -- memory",
    name: "memory",
    text: "SiT-S/2, a process each. The estimate is what `dit cost` says; whole is the step in which nothing is computed twice.",
  },
];

const intro = `# Benchmarks

\`npm run bench -- page\` writes this page from the files that the other commands leave in \`runs/bench\`: no figure here is written by hand.

- \`npm run bench -- step [SIZE…]\` times one train step, draws of noise and update included. All contenders run in one sitting and by turns, each in
  a process of its own. Before anything is timed they start from the same weights and inputs and have to agree: losses and every gradient within
  1e-3 of PyTorch eager, with bfloat16 the whole gradient within 2e-2; else the command ends with 1.
- PyTorch is a plain SiT (\`bench/torch_sit.py\`) in an environment that the first run installs into \`bench/.venv\`. torch.compile needs g++.
- A column \`of GEMM\` compares with products of 1024x384 by 384x1536 in PyTorch, timed in the same sitting: what the machine gave at that time.
- Ratios are of speeds: above 1 is faster. The middle half of the samples says how quiet the machine was; so does the load at the start.
`;

export async function benchPage(): Promise<void> {
  writeFileSync(page, [intro, ...sections.map(sectionText)].join("\n"));
  console.log(`written: ${page}`);
}

function sectionText({ title, command, name, text }: Section): string {
  const head = `## ${title}\n\n${text}\n\n    ${command}\n`;
  const file = `runs/bench/${name}.json`;
  const result: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  const table = isRecord(result) ? tableOf(result) : undefined;
  if (!isRecord(result) || !table) return `${head}\nNot run yet.\n`;
  const parts = [markdown(table), notes(result), sitting(result)];
  return `${head}\n${parts.filter((part) => part !== "").join("\n")}`;
}

type Rows = readonly (readonly string[])[];

function tableOf(result: Result): Rows | undefined {
  const { table } = result;
  if (!isRecord(table)) return undefined;
  return [strings(table.head), ...listOf(table.rows).map(strings)];
}

/** The first column to the left, numbers to the right. */
function markdown([head = [], ...rows]: Rows): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("");
}

function notes(result: Result): string {
  const lines = recordsOf(result.absent).map(({ name, why }) => `- ${name}: not run: ${why}`);
  const worst = recordsOf(result.agreement).map(({ name, losses, tensors }) => {
    const part = Math.max(Number(losses), Number(tensors)).toExponential(1);
    return `${name} ${part}`;
  });
  if (typeof result.burst === "number")
    lines.push(`- Ours are given ${result.burst} steps in one call, as by a training.`);
  if (worst.length > 0) lines.push(`- Apart from PyTorch eager, at most: ${worst.slice(1).join("; ")}.`);
  return lines.map((line) => `${line}\n`).join("");
}

function sitting({ machine, date, contenders }: Result): string {
  if (!isRecord(machine)) return "";
  const versions = new Set<string>();
  for (const { facts } of recordsOf(contenders)) {
    if (!isRecord(facts)) continue;
    if (typeof facts.torch === "string") versions.add(`PyTorch ${facts.torch}, ${facts.threads} threads`);
    if (typeof facts.engine === "string") versions.add(facts.engine);
  }
  const load = typeof machine.load === "number" ? [`load ${machine.load.toFixed(1)} at the start`] : [];
  const day = String(date).slice(0, 10);
  return `${[day, `${machine.cpu}, ${machine.cores} cores`, `node ${machine.node}`, ...versions, ...load].join("; ")}.\n`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordsOf(value: unknown): Result[] {
  return listOf(value).filter(isRecord);
}

function strings(value: unknown): string[] {
  return listOf(value).map(String);
}
