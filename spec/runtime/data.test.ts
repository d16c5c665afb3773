import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import type { SourceInfo } from "../../compiler/plan/plan.js";
import { writeSafetensors } from "../../runtime/checkpoint/safetensors-writer.js";
import { readBuiltinDigits } from "../../runtime/data/digits.js";
import { permutation, ShuffledOrder } from "../../runtime/data/order.js";
import { type DataSource, openSource } from "../../runtime/data/source.js";
import { faultOf } from "./faults.js";
import { scratch } from "./toy.js";

/** A source whose fields have these shapes of one sample. */
function info(definition: string, settings: Record<string, unknown>, shapes: Record<string, number[]>): SourceInfo {
  const fields = Object.entries(shapes).map(([field, shape]) => ({
    instance: "data",
    field,
    shape: [4, ...shape],
    axes: [],
    dtype: field === "label" ? ("index" as const) : ("float" as const),
  }));
  return { name: "data", definition, settings, fields };
}

const digitShapes = { image: [1, 28, 28], label: [], pixels: [3, 28, 28] };

async function field(source: DataSource, name: string, position: number, count: number): Promise<number[]> {
  return [...((await source.batch(position, count)).get(name)?.data ?? [])];
}

describe("the order of data", () => {
  it("is a permutation of its own in each epoch, the same for a seed wherever one begins", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(200), (size, seed, position) => {
        const order = new ShuffledOrder(size, seed, "data");
        const epoch = Math.floor(position / size);
        const numbers = Array.from({ length: size }, (_, i) => order.at(epoch * size + i));
        assert.deepEqual(
          [...numbers].sort((a, b) => a - b),
          [...numbers.keys()],
        );
        assert.equal(new ShuffledOrder(size, seed, "data").at(position), numbers[position - epoch * size]);
      }),
    );
    assert.notDeepEqual(permutation(100, 0, "data", 0), permutation(100, 0, "data", 1));
    assert.notDeepEqual(permutation(100, 0, "data", 0), permutation(100, 1, "data", 0));
  });

  it("puts every sample everywhere equally often", () => {
    const counts = new Map<number, number>();
    for (let epoch = 0; epoch < 6000; epoch++) {
      const code = permutation(3, 5, "data", epoch).reduce((s, x) => 3 * s + x, 0);
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150);
  });
});

describe("digits", () => {
  it("are ten thousand, as often as the package says", () => {
    const { bytes, labels } = readBuiltinDigits();
    const counts = Array.from({ length: 10 }, (_, digit) => labels.filter((l) => l === digit).length);
    assert.deepEqual(counts, [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
    assert.equal(bytes.length, 10_000 * 784);
    // All grey levels, none twice as frequent as MNIST's own rounding would allow.
    assert.equal(new Set(bytes).size, 256);
  });

  it("come as images, labels and pixels of the same samples", async () => {
    const source = await openSource(info("Digits", {}, digitShapes), { seed: 0 });
    assert.deepEqual([source.size, source.classes], [10_000, 10]);
    const batch = await source.batch(9_998, 4);
    const [image, label, pixels] = ["image", "label", "pixels"].map((name) => batch.get(name));
    assert.deepEqual([image?.shape, label?.shape, pixels?.shape], [[4, 1, 28, 28], [4], [4, 3, 28, 28]]);
    assert.ok(label?.data instanceof Int32Array);
    assert.ok(image?.data.every((x) => x >= -1 && x <= 1) && image.data.includes(-1));
    const at = 14 * 28 + 14;
    for (let n = 0; n < 4; n++) {
      for (let c = 0; c < 3; c++) {
        const difference = (pixels?.data[(3 * n + c) * 784 + at] ?? 9) - ((image?.data[n * 784 + at] ?? 0) + 1) / 2;
        assert.ok(Math.abs(difference) < 1e-6);
      }
    }
    assert.deepEqual(await field(source, "label", 9_998, 4), [
      ...(await field(source, "label", 9_990, 10)).slice(8),
      ...(await field(source, "label", 10_000, 2)),
    ]);
    const rows = await source.rows([0, 1001, 9999]);
    assert.deepEqual([...(rows.get("label")?.data ?? [])], [0, 1, 9]);
  });

  it("are flipped half of the time, by their place in the stream", async () => {
    const plain = await openSource(info("Digits", {}, digitShapes), { seed: 3 });
    const settings = info("Digits", { flip: true }, digitShapes);
    const flipped = await openSource(settings, { seed: 3 });
    const [a, b] = [await field(plain, "image", 0, 200), await field(flipped, "image", 0, 200)];
    let mirrored = 0;
    for (let n = 0; n < 200; n++) {
      const row = (data: number[], y: number) => data.slice(n * 784 + y * 28, n * 784 + y * 28 + 28).join();
      const back = a
        .slice(n * 784 + 14 * 28, n * 784 + 14 * 28 + 28)
        .reverse()
        .join();
      if (row(a, 14) !== row(b, 14)) {
        assert.equal(row(b, 14), back);
        mirrored++;
      }
    }
    assert.ok(mirrored > 60 && mirrored < 140);
    const again = await openSource(settings, { seed: 3 });
    assert.deepEqual(await field(again, "image", 150, 50), b.slice(150 * 784));
  });

  it("are read from IDX files, packed or not", async () => {
    const folder = scratch();
    const images = Buffer.concat([
      Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]),
      Buffer.alloc(2 * 784, 255),
    ]);
    const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 3]);
    const source = info("Digits", { path: folder }, digitShapes);
    writeFileSync(join(folder, "train-images-idx3-ubyte.gz"), gzipSync(images));
    await faultOf(() => openSource(source, { seed: 0 }), /no file here is named like labels/, /dit-/);
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), labels);
    const opened = await openSource(source, { seed: 0 });
    assert.deepEqual((await field(opened, "label", 0, 2)).sort(), [3, 7]);
    assert.ok((await field(opened, "image", 0, 2)).every((x) => x === 1));
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 10]));
    await faultOf(() => openSource(source, { seed: 0 }), /label 10 of 10 classes/, /labels-idx1-ubyte, byte 9$/);
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), labels.subarray(0, 9));
    await faultOf(() => openSource(source, { seed: 0 }), /2 bytes follow, 1 do/, /byte 8$/);
    writeFileSync(join(folder, "train-images-idx3-ubyte.gz"), gzipSync(images).subarray(0, 30));
    await faultOf(() => openSource(source, { seed: 0 }), /cannot be read/, /images-idx3-ubyte.gz$/);
  });
});

describe("a folder of pictures", () => {
  const folder = scratch();
  const colour = (r: number, g: number, b: number) => ({ r, g, b });

  before(async () => {
    for (const [name, width, height, background] of [
      ["b/blue.png", 8, 4, colour(0, 0, 255)],
      ["a/red.png", 4, 4, colour(255, 0, 0)],
      ["a/green.jpg", 16, 8, colour(0, 255, 0)],
    ] as const) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      await sharp({ create: { width, height, channels: 3, background } }).toFile(join(folder, name));
    }
    await sharp(Buffer.from([0, 128, 255, 64]), { raw: { width: 4, height: 1, channels: 1 } })
      .resize(8, 4, { kernel: "nearest", fit: "fill" })
      .png()
      .toFile(join(folder, "b", "grey.png"));
    writeFileSync(join(folder, "a", "notes.txt"), "not a picture");
  });

  const shapes = { image: [3, 4, 4], label: [], pixels: [3, 4, 4] };

  it("has its sub-folders as classes, in the order of their names", async () => {
    const source = await openSource(info("Folder", { path: folder, size: 4, class: 2 }, shapes), { seed: 0 });
    assert.deepEqual([source.size, source.classes], [4, 2]);
    const rows = await source.rows([0, 1, 2, 3]);
    assert.deepEqual([...(rows.get("label")?.data ?? [])], [0, 0, 1, 1]);
    const first = (n: number) => [0, 1, 2].map((c) => Math.round(rows.get("image")?.data[(3 * n + c) * 16] ?? 9));
    assert.deepEqual(
      [first(0), first(1), first(2)],
      [
        [-1, 1, -1],
        [1, -1, -1],
        [-1, -1, 1],
      ],
    );
    // The middle half of four grey columns.
    const grey = [...(rows.get("pixels")?.data.slice(9 * 16, 9 * 16 + 4) ?? [])].map((x) => Math.round(x * 255));
    assert.deepEqual(grey, [128, 128, 255, 255]);
    await source.close();
  });

  it("crops at random places that the position decides", async () => {
    const source = await openSource(
      info("Folder", { path: join(folder, "b"), size: 4, crop: "random" }, { image: [3, 4, 4] }),
      { seed: 1 },
    );
    const seen = new Set<string>();
    for (let position = 0; position < 40; position++)
      seen.add((await field(source, "image", position, 1)).slice(0, 4).join());
    assert.ok(seen.size > 3);
    assert.deepEqual(await field(source, "image", 7, 1), await field(source, "image", 7, 1));
  });

  it("says what is wrong with it", async () => {
    const open = (settings: Record<string, unknown>) => openSource(info("Folder", settings, shapes), { seed: 0 });
    const fault = await faultOf(() => open({ path: folder, size: 4, class: 3 }), /2 sub-folders for 3 classes/, /dit-/);
    assert.deepEqual(fault.help, ["say `class: 2`"]);
    await faultOf(() => open({ path: join(folder, "none"), size: 4 }), /no such folder/, /none$/);
    await faultOf(
      () => open({ path: folder, size: 5, class: 2 }),
      /`image` is \[3, 5, 5\] in the files and \[3, 4, 4\]/,
      /data data/,
    );
    await faultOf(() => open({ path: folder, size: 4 }), /no field `label`/, /data data/);
    const broken = scratch();
    writeFileSync(join(broken, "x.png"), "no png");
    const source = await openSource(info("Folder", { path: broken, size: 4 }, { image: [3, 4, 4] }), { seed: 0 });
    await faultOf(() => source.batch(0, 1), /cannot be read/, /x.png$/);
  });
});

describe("latents", () => {
  const settings = { class: 3, scale: 2, shift: 1 };
  const shapes = { image: [2, 1, 1], label: [] };
  const tensor = (shape: number[], data: number[]) =>
    ({ dtype: "float", shape, data: Float32Array.from(data) }) as const;
  const labels = (...data: number[]) =>
    ({ dtype: "index", shape: [data.length], data: Int32Array.from(data) }) as const;

  it("are read across shards, shifted, then scaled", async () => {
    const folder = scratch();
    await writeSafetensors(join(folder, "b.safetensors"), [
      ["latents", tensor([1, 2, 1, 1], [5, 6])],
      ["labels", labels(2)],
    ]);
    await writeSafetensors(join(folder, "a.safetensors"), [
      ["latents", tensor([2, 2, 1, 1], [1, 2, 3, 4])],
      ["labels", labels(0, 1)],
    ]);
    const source = await openSource(info("Latents", { ...settings, path: folder }, shapes), { seed: 0 });
    assert.equal(source.size, 3);
    const rows = await source.rows([2, 0, 1]);
    assert.deepEqual([...(rows.get("image")?.data ?? [])], [8, 10, 0, 2, 4, 6]);
    assert.deepEqual([...(rows.get("label")?.data ?? [])], [2, 0, 1]);
    await source.close();
  });

  it("are drawn anew from moments, and have their mean when nothing is random", async () => {
    const folder = scratch();
    const moments = tensor([1, 4, 1, 1], [10, 20, Math.log(4), Math.log(9)]);
    await writeSafetensors(join(folder, "a.safetensors"), [["latents", moments]], { metadata: { moments: "logvar" } });
    const source = await openSource(info("Latents", { path: folder, scale: 1, moments: true }, { image: [2, 1, 1] }), {
      seed: 0,
    });
    assert.deepEqual([...((await source.rows([0])).get("image")?.data ?? [])], [10, 20]);
    const drawn = await field(source, "image", 0, 4000);
    const deviation = (of: number, mean: number) =>
      Math.sqrt(drawn.filter((_, i) => i % 2 === of).reduce((s, x) => s + (x - mean) ** 2, 0) / 4000);
    assert.ok(Math.abs(deviation(0, 10) - 2) < 0.1 && Math.abs(deviation(1, 20) - 3) < 0.15);
    assert.deepEqual(await field(source, "image", 3000, 10), drawn.slice(6000, 6020));
    await source.close();
  });

  it("are read from npy files too", async () => {
    const folder = scratch();
    const npy = (descr: string, shape: string, data: Uint8Array) => {
      const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
      const header = `${text.padEnd(117)}\n`;
      return Buffer.concat([
        Buffer.from("\x93NUMPY\x01\x00", "latin1"),
        Buffer.from([header.length, 0]),
        Buffer.from(header),
        data,
      ]);
    };
    writeFileSync(
      join(folder, "latents.npy"),
      npy("<f4", "(2, 2, 1, 1)", new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)),
    );
    writeFileSync(join(folder, "labels.npy"), npy("<i8", "(2,)", new Uint8Array(BigInt64Array.of(2n, 1n).buffer)));
    const source = await openSource(info("Latents", { ...settings, path: folder }, shapes), { seed: 0 });
    const rows = await source.rows([1, 0]);
    assert.deepEqual([...(rows.get("image")?.data ?? [])], [4, 6, 0, 2]);
    assert.deepEqual([...(rows.get("label")?.data ?? [])], [1, 2]);
    await source.close();
    writeFileSync(join(folder, "latents.npy"), npy("<f4", "(2, 2, 1, 1)", new Uint8Array(12)));
    await faultOf(
      () => openSource(info("Latents", { ...settings, path: folder }, shapes), { seed: 0 }),
      /header asks for/,
      /latents.npy, byte \d+$/,
    );
  });

  it("say what is wrong with them", async () => {
    const folder = scratch();
    const open = (more: Record<string, unknown> = {}) =>
      openSource(info("Latents", { ...settings, ...more, path: folder }, shapes), { seed: 0 });
    await faultOf(open, /no latents here/, /dit-/);
    const file = join(folder, "a.safetensors");
    await writeSafetensors(file, [["latents", tensor([1, 2, 1, 1], [1, 2])]]);
    await faultOf(open, /no tensor `labels`/, /a.safetensors/);
    await writeSafetensors(file, [
      ["latents", tensor([1, 2, 1, 1], [1, 2])],
      ["labels", labels(3)],
    ]);
    const source = await open();
    await faultOf(() => source.batch(0, 1), /label 3 of 3 classes/, /key labels, row 0$/);
    await source.close();
    const fault = await faultOf(
      () => open({ moments: true }),
      /a sample is \[2, 1, 1\], the spec asks for \[4, 1, 1\]/,
      /key latents$/,
    );
    assert.match(fault.help.join(), /twice the channels/);
  });
});

describe("other data", () => {
  it("is refused by name", async () => {
    await faultOf(
      () => openSource(info("Parquet", {}, {}), { seed: 0 }),
      /`Parquet` is not implemented yet/,
      /data data/,
    );
    await faultOf(
      () => openSource(info("Digits", { flip: "yes" }, {}), { seed: 0 }),
      /`flip` has to be true or false/,
      /key flip$/,
    );
    const near = { image: [1, 28, 28], lable: [] };
    const fault = await faultOf(
      () => openSource(info("Digits", {}, near), { seed: 0 }),
      /no field `lable`/,
      /data data/,
    );
    assert.deepEqual(fault.help, ["did you mean `label`?"]);
  });
});
