import assert from "node:assert/strict";
import { check, lines } from "./load.js";

/** A spec, and beside it all that is said about it. */
function says(title: string, text: string, wanted: readonly string[]): void {
  it(title, () => {
    assert.deepEqual(lines(check(text)), wanted);
  });
}

describe("names", () => {
  says(
    "names nobody calls are checked",
    `use std.{Linear, Mlp}
part Never { width: int, unread: float = 1 } (x: [token, dim], y: [dim]) -> [token, dim] {
  part fc: Linear { to: [wide: widht] }
  let spare = mean[tokn](x)
  let twice = silu(x)
  let out = fc(x, scale: 3)
  return twice
}
`,
    [
      "6:7 error member-name: `out` cannot be declared: after a dot it means the `.out` of a part",
      "3:32 error unknown-name: `widht` is not known here",
      "4:20 error unknown-axis: there is no axis `tokn` in this body",
      "5:15 error unknown-name: `silu` is not known here",
      "6:19 error unknown-argument: `Linear` takes no `scale`",
    ],
  );

  says(
    "choice words",
    `use std.{Flow, Linear}
objective flow: Flow { predict: velosity, compare: own }
part Pick { how: near | far = nera } (x: [dim]) -> [dim] = if how is fra then x else 2 * x
`,
    [
      "2:33 error unknown-word: `velosity` is none of the words velocity, noise, score, data",
      "3:31 error unknown-word: `nera` is none of the words near, far",
      "3:70 error unknown-word: `fra` is none of the words near, far",
    ],
  );

  says(
    "plans",
    `use std.{AdamW, Digits, Flow, SiT}
data digits: Digits
model net: SiT.C { patch: 4 }
objective flow: Flow
train run {
  data: digits, batch: 8, stps: 100, engine: onyx
  minimize by AdamW { lr: 1e-3, betas: 0.9 } { denoise: flow(net, digits.imag, digits.label), denoise: flow(net, digits.image) }
}
`,
    [
      "3:16 error unknown-preset: there is no preset `SiT.C`",
      "6:27 error unknown-key: a train plan has no key `stps`",
      "6:46 error unknown-word: `onyx` is none of the words auto, tensorflow, onnx, tfjs, reference",
      "7:33 error unknown-setting: `AdamW` has no setting `betas`",
      "7:74 error unknown-field: there is no field `imag`: it has image, label, pixels",
      "7:95 error duplicate-name: `denoise` is declared twice",
    ],
  );

  says(
    "shadowing",
    `fn outer(x) {
  let k = x + 1
  fn inner(x) = x * k
  let list = [k for k in 1..3]
  let exp = inner(k) * len(list)
  return exp
}
`,
    [
      "5:7 warning hides-builtin: `exp` hides the builtin function of that name",
      "3:12 error shadowed: `x` hides a name that stands around it",
      "4:21 error shadowed: `k` hides a name that stands around it",
    ],
  );

  says(
    "a wiring",
    `use std.{GatedAdd, SiT}
model net: SiT { hidden: 32, depth: 4, heads: 2, patch: 4 } with {
  skip long(i): blok(i).out -> block(depth + 1 - i).out via GatedAdd for i in 1..depht/2
  set c = 2 * c
}
`,
    ["3:82 error unknown-name: `depht` is not known here", "3:17 error unknown-tap: `net` has no tap or part `blok`"],
  );

  says(
    "a warning that is allowed",
    `use std.{Linear}
// allow(unused-setting): kept for old checkpoints
part Scale { by: float = 2 } (x: [dim]) -> [dim] = 2 * x
`,
    ["1:10 warning unused-import: `Linear` is imported and not used"],
  );
});
