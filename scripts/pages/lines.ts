/** docs/lines.md: how many lines a method is, as a spec and in the official program. */
import { library } from "../../spec/language/specs.js";
import { baselines, examples } from "./examples.js";

interface Fork {
  readonly repository: string;
  /** Lines added to the five files of the program it is a copy of. */
  readonly added: number;
}

const from = "sihyun-yu/REPA 67f7145";
const files = ["loss.py", "models/sit.py", "train.py", "samplers.py", "generate.py"];

/** Of methods whose release is a copy of one program, so that the lines can be compared. */
const forks: ReadonlyMap<string, Fork> = new Map([
  ["delta-fm", { repository: "gstoica27/DeltaFM 489f536", added: 299 }],
  ["haste", { repository: "NUS-HPC-AI-Lab/HASTE eb7b1f1", added: 254 }],
  ["irepa", { repository: "End2End-Diffusion/iREPA 99ad4ac, `ldm/`", added: 384 }],
  ["meanflow", { repository: "zhuyu-cs/MeanFlow 04d183c (`sit.py`, `meanflow_sampler.py`)", added: 378 }],
  ["reg", { repository: "Martinser/REG 021ea2e", added: 184 }],
  ["speedrundit", { repository: "SwayStar123/SpeedrunDiT c24c2ff", added: 949 }],
  ["sra", { repository: "vvvvvjdy/SRA 1723f85, `SiT-SRA/`", added: 380 }],
]);

/** Without comments and what is empty. */
function linesOf(text = ""): string[] {
  return text.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
}

/** Lines of a spec that its baseline has not. */
export function linesAdded(name: string, base: string): number {
  const lines = (of: string): string[] => linesOf(examples.get(of));
  const left = new Map<string, number>();
  for (const line of lines(base)) left.set(line, (left.get(line) ?? 0) + 1);
  return lines(name).filter((line) => {
    const there = left.get(line) ?? 0;
    left.set(line, there - 1);
    return there <= 0;
  }).length;
}

export function linesPage(): string {
  const rows = [...baselines]
    .filter(([name]) => examples.has(name))
    .map(([name, base]) => {
      const fork = forks.get(name);
      const official = fork ? `| ${fork.added} | ${fork.repository} |` : "| | |";
      const file = library.get(`${name}.dit`);
      const own = file ? `[${linesOf(file).length}](methods/${name}.md)` : "";
      return `| [${name}](../examples/${name}.dit) | ${base} | ${linesAdded(name, base)} | ${own} ${official}`;
    });
  return [
    "# Lines",
    "",
    "How many lines of an example its baseline has not (an option that changes is a line, too); how many the library's file of that name has, with",
    "everything official that can be switched on and the layout of checkpoints, comments left out; and how many lines the official program adds to",
    `${files.map((file) => `\`${file}\``).join(", ")} of ${from}, where it is a copy of it: the first column of`,
    "`git diff --no-index --numstat REPA/FILE METHOD/FILE`, summed. `npm run pages` writes this page; a test holds that no example adds more than 40.",
    "",
    "| example | baseline | lines | library file | official program | |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
