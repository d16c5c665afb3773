/** What is known of a spec besides its settings: weights, draws, phases; comments of its print. */

import { sizeOf } from "../ir/graph.js";
import type { DrawInfo, Program } from "../plan/plan.js";
import type { Spec } from "../spec.js";

export function factsOf(spec: Spec): string[] {
  return [...weightLines(spec), ...drawLines(spec), ...phaseLines(spec)].map(
    ([head, text]) => `// ${head.padEnd(8)} ${text}`,
  );
}

type Line = readonly [head: string, text: string];

/** `net 723,844: embed 480, block 4 x 167,328, …; average main 0.99` */
function weightLines(spec: Spec): Line[] {
  const owners = new Map<string, Map<string, { members: Set<string>; count: number }>>();
  const covered = new Set(spec.trains.flatMap((t) => [...t.covered]));
  const trained = new Map<string, number>();
  const all = new Map<string, number>();
  for (const [path, { info }] of spec.ctx.weights) {
    const [owner = "", part = "", member = ""] = path.split(".");
    const size = sizeOf(info.shape);
    const parts = owners.get(owner) ?? new Map<string, { members: Set<string>; count: number }>();
    const entry = parts.get(part) ?? { members: new Set<string>(), count: 0 };
    entry.count += size;
    if (/^\d+$/.test(member)) entry.members.add(member);
    owners.set(owner, parts.set(part, entry));
    all.set(owner, (all.get(owner) ?? 0) + size);
    if (covered.has(path)) trained.set(owner, (trained.get(owner) ?? 0) + size);
  }
  return [...owners].map(([owner, parts]): Line => {
    const total = all.get(owner) ?? 0;
    const inside = [...parts].map(([part, { members, count }]) => {
      const n = members.size;
      return n > 1 && count % n === 0 ? `${part} ${n} x ${grouped(count / n)}` : `${part} ${grouped(count)}`;
    });
    const moved = trained.get(owner) ?? 0;
    const fate = moved === total ? "trained" : moved === 0 ? "not trained" : `${grouped(moved)} trained`;
    return ["weights", `${owner} ${grouped(total)}: ${inside.join(", ")}; ${fate}`];
  });
}

/** A line a draw; those of all phases and samplers, each once. */
function drawLines(spec: Spec): Line[] {
  const programs: Program[] = [
    ...spec.trains.flatMap((t) => t.phases.map(({ program }) => program)),
    ...spec.samples.map(({ program }) => program),
  ];
  // The members of a family are one line.
  const families = new Map<string, { draw: DrawInfo; members: number[] }>();
  for (const { draws } of programs) {
    for (const draw of draws) {
      const [, path = draw.path, member] = /^(.*)\((\d+)\)$/.exec(draw.path) ?? [];
      const family = families.get(path) ?? { draw, members: [] };
      if (member !== undefined) family.members.push(Number(member));
      families.set(path, family);
    }
  }
  return [...families].map(([path, { draw, members }]): Line => {
    const range = members.length > 0 ? `(${Math.min(...members)}..${Math.max(...members)})` : "";
    return ["draws", `${path}${range} ${axesText(draw)}`];
  });
}

function axesText({ axes, law, size }: DrawInfo): string {
  return `[${axes.join(", ")}] ${law === "index" ? `index below ${grouped(size ?? 0)}` : law}`;
}

function phaseLines(spec: Spec): Line[] {
  return spec.trains.map(({ name, phases }): Line => {
    if (phases.length === 1) return ["phases", `${name}: one (no guard names step)`];
    return ["phases", `${name}: ${phases.map(({ from }) => `from step ${grouped(from)}`).join(", ")}`];
  });
}

function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}
