import assert from "node:assert/strict";
import { compileTrain } from "../../compiler/index.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import { fromFile, toFile } from "../../compiler/plan/gather.js";
import { load } from "./specs.js";

/** A network of the user's own: `extra` is a weight that a setting takes away, here and in the blocks. */
const spec = (more: boolean, entries: string) =>
  `
use std.{AdamW, Digits}
data digits: Digits
part Shift { more: bool } (x: [dim]) -> [dim] {
  weight scale: [dim] = 1
  weight extra: [dim] = 0 if more
  return if more then x * scale + extra else x * scale
}
model Net (x: [channel, row, col], t: []) -> [channel, row, col] {
  part first: Shift { more: ${more} }
  part block(i in 1..2): Shift { more: ${more} }
  let h(0) = first(x[(channel, row, col) -> dim])
  let h(i) = block(i)(h(i - 1)) for i in 1..2
  return h(2)[dim -> (channel: channel, row: row, col: col)]
}
model net: Net
layout Mine for Net {
  ${entries}
}
train run {
  data: digits, batch: 2, steps: 1, start: (net: load("a.safetensors", Mine))
  minimize by AdamW { lr: 1e-3 } { fit: mean[channel, row, col](net(digits.image, 0)) }
}
`;

const entries = [
  '"scale" <-> first.scale',
  '"extra" <-> first.extra',
  '"{i}.scale" <-> block(i).scale for i in 1..2',
  '"{i}.extra" <-> block(i).extra for i in 1..2',
];

function namesIn(more: boolean): string[] {
  const { spec: loaded, diagnostics } = load(spec(more, entries.join("\n  ")));
  assert.deepEqual(
    diagnostics.filter((d) => d.severity === "error").map((d) => d.message),
    [],
  );
  const start = compileTrain(loaded).value?.start[0];
  return start?.tensors?.map((t) => t.name) ?? [];
}

/** A part of its own depth and result, and a layout for it that counts its blocks and names the axes it was given. */
const nested = `
use std.{AdamW, Digits}
data digits: Digits
part Tower { depth: int, to: axes } (x: [dim]) -> [to] {
  part step(i in 1..depth): Shift
  weight w: [dim, tap: 2 -> to] ~ xavier
  let h(0) = x
  let h(i) = step(i)(h(i - 1)) for i in 1..depth
  return apply(w, repeat[tap](h(depth), 2))
}
part Shift (x: [dim]) -> [dim] {
  weight scale: [dim] = 1
  return x * scale
}
model Net { depth: int } (x: [channel, row, col], t: []) -> [channel, row, col] {
  part tower: Tower { depth: 3, to: [up: 28, across: 28] }
  return tower(x[(channel, row, col) -> dim])[up -> row, across -> col][row -> (channel: 1, row)]
}
model net: Net { depth: 1 }
layout TowerFile for Tower {
  "s{i}" <-> step(i).scale for i in 1..depth
  "conv" <-> w as [to, dim, tap]
}
layout Mine for Net {
  "tower" <-> tower as TowerFile
}
train run {
  data: digits, batch: 2, steps: 1, start: (net: load("a.safetensors", Mine))
  minimize by AdamW { lr: 1e-3 } { fit: mean[channel, row, col](net(digits.image, 0)) }
}
`;

/** One model, its norm said by a setting, and one layout for all norms. */
const choosing = (norm: string, entry: string) => `
use std.{AdamW, Digits, LayerNorm, RmsNorm, TorchLayerNorm, TorchRmsNorm}
data digits: Digits
model Net { norm: part (x: [dim]) -> [dim] = RmsNorm } (x: [channel, row, col], t: []) -> [channel, row, col] {
  part block(i in 1..2): norm
  part fixed: RmsNorm
  let h(0) = x[(channel, row, col) -> dim]
  let h(i) = block(i)(h(i - 1)) for i in 1..2
  return fixed(h(2))[dim -> (channel: channel, row: row, col: col)]
}
model net: Net { norm: ${norm} }
layout Mine for Net {
  "{i}" <-> block(i) as TorchRmsNorm for i in 1..2
  "{i}" <-> block(i) as TorchLayerNorm for i in 1..2
  "fixed" <-> fixed as ${entry}
}
train run {
  data: digits, batch: 2, steps: 1, start: (net: load("a.safetensors", Mine))
  minimize by AdamW { lr: 1e-3 } { fit: mean[channel, row, col](net(digits.image, 0)) }
}
`;

describe("layouts", () => {
  it("pass by a part of another definition than theirs, where a setting chose it", () => {
    const names = (norm: string) => {
      const { spec: loaded, diagnostics } = load(choosing(norm, "TorchRmsNorm"));
      assert.deepEqual(
        diagnostics.filter((d) => d.severity === "error").map((d) => d.message),
        [],
      );
      return compileTrain(loaded).value?.start[0]?.tensors?.map((t) => t.name);
    };
    assert.deepEqual(names("RmsNorm"), ["1.weight", "2.weight", "fixed.weight"]);
    assert.deepEqual(names("LayerNorm { affine: true }"), ["1.weight", "1.bias", "2.weight", "2.bias", "fixed.weight"]);
    assert.deepEqual(names("LayerNorm"), ["fixed.weight"]);
    const { diagnostics } = load(choosing("RmsNorm", "TorchLayerNorm"));
    assert.ok(diagnostics.some((d) => d.code === "layout-missing"));
  });

  it("of a part count with its settings, and the axes it was given stand for themselves", () => {
    const { spec: loaded, diagnostics } = load(nested);
    assert.deepEqual(
      diagnostics.filter((d) => d.severity === "error").map((d) => d.message),
      [],
    );
    const tensors = compileTrain(loaded).value?.start[0]?.tensors ?? [];
    assert.deepEqual(
      tensors.map((t) => t.name),
      ["tower.s1", "tower.s2", "tower.s3", "tower.conv"],
    );
    assert.deepEqual(tensors[3]?.shape, [28, 28, 784, 2]);
  });

  it("leave out a weight whose guard is false, whatever its name", () => {
    assert.deepEqual(namesIn(true), ["scale", "extra", "1.scale", "2.scale", "1.extra", "2.extra"]);
    assert.deepEqual(namesIn(false), ["scale", "1.scale", "2.scale"]);
  });

  for (const [entry, path] of [
    ['"extra" <-> first.extar', "first.extar"],
    ['"extra" <-> block(1).extar', "block.1.extar"],
    ['"extra" <-> frist.extra', "frist.extra"],
    ['"extra" <-> block(3).extra', "block.3.extra"],
    ['"bias" <-> first.bias', "first.bias"],
  ] as const)
    it(`say that ${path} is not there`, () => {
      const { diagnostics } = load(spec(false, `${entries.join("\n  ")}\n  ${entry}`));
      const errors = diagnostics.filter((d) => d.severity === "error");
      assert.deepEqual(
        errors.map((d) => d.code),
        ["layout-missing"],
      );
      assert.ok(errors[0]?.message.includes(`\`${path}\``), errors[0]?.message);
    });

  it("leave out a part whose guard is false, and what is below it", () => {
    const aside = '"aside" <-> aside.scale\n  "deep" <-> aside.inner(1).scale';
    const with_ = (more: boolean) =>
      spec(more, `"scale" <-> first.scale\n  ${aside}`)
        .replace("part first", `part aside: Aside if ${more}\n  part first`)
        .replace(
          "model Net",
          "part Aside (x: [dim]) -> [dim] {\n  weight scale: [dim] = 1\n  part inner(i in 1..1): Shift { more: false }\n" +
            "  return inner(1)(x) * scale\n}\nmodel Net",
        )
        .replace("let h(0) = first(", `let h(0) = ${more ? "aside" : ""}(first(`)
        .replace("[(channel, row, col) -> dim])", "[(channel, row, col) -> dim]))");
    const names = (more: boolean) => {
      const { spec: loaded, diagnostics } = load(with_(more));
      assert.deepEqual(
        diagnostics.filter((d) => d.severity === "error").map((d) => d.message),
        [],
      );
      return compileTrain(loaded).value?.start[0]?.tensors?.map((t) => t.name);
    };
    assert.deepEqual(names(true), ["scale", "aside", "deep"]);
    assert.deepEqual(names(false), ["scale"]);
  });

  it("leave out of a `concat` what is not there, and the whole of it where only zeros are left", () => {
    const shapes = (more: boolean, entry: string) => {
      const { spec: loaded, diagnostics } = load(spec(more, entry));
      assert.deepEqual(
        diagnostics.filter((d) => d.severity === "error").map((d) => d.message),
        [],
      );
      return compileTrain(loaded).value?.start[0]?.tensors?.map((t) => t.shape);
    };
    assert.deepEqual(shapes(true, '"all" <-> concat[dim](first.scale, first.extra)'), [[1568]]);
    assert.deepEqual(shapes(false, '"all" <-> concat[dim](first.scale, first.extra)'), [[784]]);
    assert.deepEqual(shapes(false, '"all" <-> concat[dim](zeros[dim: 2], first.extra)'), []);
  });

  it("put zeros where a file has more than we have, and want them to be zeros", () => {
    const { spec: loaded } = load(spec(false, '"scale" <-> concat[dim](zeros[dim: 2], first.scale)'));
    const entry = compileTrain(loaded).value?.start[0]?.tensors?.[0];
    assert.ok(entry);
    const vector = (...data: number[]): HostTensor => ({
      dtype: "float",
      shape: [data.length],
      data: Float64Array.from(data),
    });
    const ours = Array.from({ length: 784 }, (_, i) => i + 1);
    const written = toFile(entry, () => vector(...ours));
    assert.deepEqual(Array.from(written.data), [0, 0, ...ours]);
    const read = new Map<string, Float64Array>();
    assert.equal(fromFile(entry, written, read), undefined);
    assert.deepEqual(Array.from(read.get("net.first.scale") ?? []), ours);
    assert.equal(fromFile(entry, vector(0, 0.5, ...ours), new Map()), "0.5 in the file where the layout has a zero");
  });
});
