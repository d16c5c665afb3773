/** Fixture maps of a spec, compiled: what a runtime needs to hold a plan against a file of numbers. */
import type { LayoutDecl } from "../../grammar/tree.js";
import type { HostTensor } from "../ir/host.js";
import { optimize } from "../optimize.js";
import type { Spec } from "../spec.js";
import { type FixtureMap, readFixture } from "./fixture.js";
import { tableFromFile } from "./gather.js";
import type { Program, StateInfo, WeightInfo } from "./plan.js";
import { buildSample, type SampleDecl } from "./sample.js";
import { buildTrain } from "./train.js";

export interface CompiledFixture {
  readonly layout: string;
  readonly plan: string;
  readonly kind: "train" | "sample";
  readonly program: Program;
  readonly map: FixtureMap;
  readonly weights: readonly WeightInfo[];
  readonly states: readonly StateInfo[];
}

/** The layouts of the spec whose target is a plan: each with its program. Problems are in `spec.ctx.diagnostics`. */
export function compileFixtures(spec: Spec, numbers: ReadonlyMap<string, HostTensor>): CompiledFixture[] {
  const file = spec.loaded.main;
  return file.tree.items.flatMap((item) => {
    if (item.kind !== "Layout" || !/^[a-z_]/.test(item.target.text)) return [];
    const compiled = spec.ctx.attempt(() => one(spec, item)) ?? [];
    // The first pass tells which computed tables the file holds; the second uses them.
    return loadTables(spec, compiled, numbers) ? (spec.ctx.attempt(() => one(spec, item)) ?? []) : compiled;
  });
}

function loadTables(
  spec: Spec,
  compiled: readonly CompiledFixture[],
  numbers: ReadonlyMap<string, HostTensor>,
): boolean {
  let any = false;
  for (const t of compiled.flatMap((c) => c.map.weights.flatMap((w) => w.tensors))) {
    const file = numbers.get(t.name);
    const table = file && tableFromFile(t, file);
    if (!table || !t.table || spec.ctx.tables.has(t.table.path)) continue;
    spec.ctx.tables.set(t.table.path, table);
    any = true;
  }
  return any;
}

function one(spec: Spec, layout: LayoutDecl): CompiledFixture[] {
  const { ctx } = spec;
  const file = spec.loaded.main;
  const name = layout.target.text;
  const symbol = file.own.get(name);
  const common = (program: Program, map: FixtureMap) => {
    const paths = new Set(program.inputs.flatMap((i) => (i.role === "weight" || i.role === "average" ? [i.path] : [])));
    return {
      layout: layout.name.text,
      plan: name,
      program: { ...program, module: optimize(program.module) },
      map,
      weights: [...paths].flatMap((p) => ctx.weights.get(p)?.info ?? []),
    };
  };
  if (symbol?.kind === "plan" && symbol.decl.plan === "train") {
    const built = buildTrain(ctx, file, symbol.decl, (scope, frame) => readFixture(ctx, file, layout, scope, frame));
    const phase = built?.phases[0];
    if (!built?.fixture || !phase) return [];
    return [{ ...common(phase.program, built.fixture), kind: "train", states: [...built.states.values()] }];
  }
  const decl: SampleDecl | undefined =
    symbol?.kind === "plan" && symbol.decl.plan === "sample"
      ? symbol.decl
      : symbol?.kind === "instance" && symbol.decl.of === "sample"
        ? symbol.decl
        : undefined;
  if (!decl) return ctx.fail("unknown-plan", { name, kind: "train or sample" }, layout.target.span);
  const runs = spec.trains.map((t) => ({ name: t.name, averages: t.averages.map((a) => a.name), covered: t.covered }));
  const built = buildSample(ctx, file, decl, runs, undefined, undefined, (scope, frame) =>
    readFixture(ctx, file, layout, scope, frame),
  );
  return built?.fixture ? [{ ...common(built.program, built.fixture), kind: "sample", states: [] }] : [];
}
