/** DPM-Solver++ in single steps, against its update rules written out piece by piece: every way in which the steps are cut into pieces. */
import { assertNear, numbers, sampled } from "./numbers.js";
import { sound } from "./specs.js";

const spec = (settings: string) => `use std.{DpmSolver, Flow, VP, clean}
model toy: Toy
/// A noise that depends on sample and time.
model Toy (x: [dim], t: []) -> [dim] = sin(x) + 0.5 * t * x
objective flow: Flow { path: VP, predict: noise, data_at: 0 }
sample one {
  like: zeros[dim: 3], count: 1
  draw z: [*] ~ normal
  fn field(x, t) = clean(flow, toy, x, t)
  return DpmSolver { ${settings} }(field, z, flow)
}
`;

const logAlpha = (t: number) => -0.25 * t * t * 19.9 - 0.05 * t;
const alpha = (t: number) => Math.exp(logAlpha(t));
const sigma = (t: number) => Math.sqrt(1 - alpha(t) ** 2);
const lambda = (t: number) => logAlpha(t) - Math.log(sigma(t));

/** One sample, number by number: the toy does not mix them. */
function solved(z: number, steps: number, order: number): number {
  const t = (k: number) => 1 - (0.999 * k) / steps;
  const data = (x: number, s: number) => (x - sigma(s) * (Math.sin(x) + 0.5 * s * x)) / alpha(s);
  const pieces: number[] = [];
  if (order === 3) {
    for (let i = 0; i < Math.floor(steps / 3) + 1 - (steps % 3 === 0 ? 2 : 1); i++) pieces.push(3);
    pieces.push(...(steps % 3 === 0 ? [2, 1] : [steps % 3]));
  } else if (order === 2) {
    for (let i = 0; i < Math.floor(steps / 2); i++) pieces.push(2);
    if (steps % 2 === 1) pieces.push(1);
  } else for (let i = 0; i < steps; i++) pieces.push(1);
  let x = z;
  let k = 0;
  for (const piece of pieces) {
    const [s, end] = [t(k), t(k + piece)];
    const d = data(x, s);
    const h = lambda(end) - lambda(s);
    const to = (e: number, part: number) => (sigma(e) / sigma(s)) * x - alpha(e) * (Math.exp(-part) - 1) * d;
    if (piece === 1) x = to(end, h);
    else {
      const r1 = (lambda(t(k + 1)) - lambda(s)) / h;
      const x1 = to(t(k + 1), r1 * h);
      const d1 = data(x1, t(k + 1));
      if (piece === 2) x = to(end, h) - (0.5 / r1) * alpha(end) * (Math.exp(-h) - 1) * (d1 - d);
      else {
        const r2 = (lambda(t(k + 2)) - lambda(s)) / h;
        const phi = (Math.exp(-r2 * h) - 1) / (r2 * h) + 1;
        const x2 = to(t(k + 2), r2 * h) + (r2 / r1) * alpha(t(k + 2)) * phi * (d1 - d);
        const d2 = data(x2, t(k + 2));
        x = to(end, h) + (1 / r2) * alpha(end) * ((Math.exp(-h) - 1) / h + 1) * (d2 - d);
      }
    }
    k += piece;
  }
  return x;
}

describe("DpmSolver", () => {
  for (const order of [1, 2, 3])
    for (const steps of [1, 2, 3, 4, 5, 6, 7])
      it(`of order ${order} in ${steps} steps`, () => {
        const n = sampled(sound(spec(`steps: ${steps}, order: ${order}`)));
        const z = Array.from(n.fed.get("one.z")?.data ?? []);
        assertNear(
          numbers(n),
          z.map((x) => solved(x, steps, order)),
          1e-9,
        );
      });
});
