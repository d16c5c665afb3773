/** Paths of variance preserving processes, against their formulas in time from data: s = 1 - t. */
import { assertNear, field, sampled } from "./numbers.js";
import { sound } from "./specs.js";

const times = [0.001, 0.2503, 0.5, 0.7777, 0.999];

/** The data coefficient at `times`. */
function alphas(path: string): number[] {
  const name = path.split(" ")[0];
  const n = sampled(
    sound(
      `use std.{${name}}
sample one {
  like: zeros[at: ${times.length}], count: 1
  draw z: [*] ~ normal
  let all = stack[at](${times.map((t) => `${path}(1 - ${t}).alpha`).join(", ")})
  return all + 0 * z
}
`,
    ),
  );
  return Array.from(field(n).data);
}

describe("paths of U-ViT", () => {
  it("the cosine of improved DDPM", () => {
    const f = (t: number) => Math.cos(((t + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    assertNear(
      alphas("VpCosine {}"),
      times.map((t) => Math.sqrt(f(t) / f(0))),
    );
  });

  it("a chain of ticks: products of 1 - beta, with straight logarithms between ticks", () => {
    const steps = 8;
    const [low, high] = [Math.sqrt(0.1), Math.sqrt(0.4)];
    const bars = [0];
    for (let k = 0; k < steps; k++)
      bars.push((bars[k] ?? 0) + 0.5 * Math.log(1 - (low + ((high - low) * k) / (steps - 1)) ** 2));
    const at = (t: number) => {
      const k = Math.floor(t * steps);
      return Math.exp((bars[k] ?? 0) + (t * steps - k) * ((bars[k + 1] ?? 0) - (bars[k] ?? 0)));
    };
    assertNear(alphas("ScaledLinear { steps: 8, low: 0.1, high: 0.4 }"), times.map(at));
  });
});
