/** Every op and its derivatives on an engine, against the reference. */
import type { Engine } from "../../runtime/engines/engine.js";
import { type Case, cases } from "../ir/cases.js";
import { compile, draw, generator, gradientProgram, scalarize, tangentProgram } from "../ir/helpers.js";
import { agree } from "./agree.js";
import { extra } from "./cases.js";

export const every: ReadonlyMap<string, readonly Case[]> = collected();

function collected(): Map<string, readonly Case[]> {
  const all = new Map<string, readonly Case[]>();
  for (const [kind, list] of [...Object.entries(cases), ...Object.entries(extra)])
    all.set(kind, [...(all.get(kind) ?? []), ...list]);
  return all;
}

export function everyOpAgrees(name: string, engine: Engine): void {
  describe(`${name} agrees with the reference on every op`, () => {
    for (const [kind, list] of every)
      it(kind, async () => {
        for (const c of list) await agree(engine, compile(c), c.inputs, c.name);
      });
  });

  describe(`${name} agrees with the reference on the derivatives of every op`, () => {
    const random = generator(5);
    for (const [kind, list] of Object.entries(cases))
      it(kind, async () => {
        for (const c of list) {
          await agree(engine, compile(gradientProgram(scalarize(c))), c.inputs, `${c.name}, vjp`, 1e-4);
          const along = c.inputs.filter((t) => t.dtype === "float").map((t) => draw(random, t.shape));
          await agree(engine, compile(tangentProgram(c)), [...c.inputs, ...along], `${c.name}, jvp`, 1e-4);
        }
      });
  });
}
