import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { writeGrid } from "../../runtime/sample/picture.js";
import { sample } from "../../runtime/sample/sample.js";
import { faultOf } from "./faults.js";
import { scratch, toyEngine, toySamplePlan } from "./toy.js";

const weights = new Map([["net.w", { dtype: "float", shape: [3], data: Float64Array.of(1, 10, 100) } as const]]);
const averages = new Map([["main", weights]]);
const options = { engine: toyEngine(), weights: new Map(), averages };

describe("sampling", () => {
  it("gives the same samples whatever the chunk, the count and the first", async () => {
    const whole = await sample(toySamplePlan(10, 10), options);
    assert.deepEqual(whole.get("image")?.shape, [10, 3]);
    assert.deepEqual([...(whole.get("number")?.data ?? [])], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const chunk of [1, 3, 4, 7]) assert.deepEqual(await sample(toySamplePlan(10, chunk), options), whole);
    const part = await sample(toySamplePlan(10, 4), { ...options, first: 6, count: 3 });
    assert.deepEqual([...(part.get("image")?.data ?? [])], [...(whole.get("image")?.data.slice(18, 27) ?? [])]);
    const other = await sample(toySamplePlan(10, 4), { ...options, seed: 4 });
    assert.notDeepEqual(other.get("image"), whole.get("image"));
  });

  it("tells how far it is, and stops between chunks", async () => {
    const seen: number[] = [];
    const controller = new AbortController();
    const events = {
      sampled: ({ done }: { done: number }) => {
        seen.push(done);
        if (done >= 8) controller.abort();
      },
    };
    const result = await sample(toySamplePlan(10, 4), { ...options, events, signal: controller.signal });
    assert.deepEqual(seen, [4, 8]);
    assert.deepEqual(result.get("image")?.shape, [8, 3]);
  });

  it("says which weight the run does not have", async () => {
    const plan = toySamplePlan(2, 2);
    await faultOf(
      () => sample(plan, { ...options, averages: new Map([["mein", weights]]) }),
      /no average `main`/,
      /input average main/,
    );
    const renamed = new Map([
      ["main", new Map([["net.v", { dtype: "float", shape: [3], data: new Float64Array(3) } as const]])],
    ]);
    const fault = await faultOf(
      () => sample(plan, { ...options, averages: renamed }),
      /no `net.w` among the averages/,
      /net.w$/,
    );
    assert.deepEqual(fault.help, ["did you mean `net.v`?"]);
    const short = new Map([
      ["main", new Map([["net.w", { dtype: "float", shape: [2], data: new Float64Array(2) } as const]])],
    ]);
    await faultOf(
      () => sample(plan, { ...options, averages: short }),
      /`net.w` is \[2\], the sampler takes \[3\]/,
      /net.w$/,
    );
  });
});

describe("sheets of pictures", () => {
  const file = join(scratch(), "grid.png");
  const pictures = (shape: number[], data: number[]) =>
    ({ dtype: "float", shape, data: Float32Array.from(data) }) as const;

  async function pixels(): Promise<(x: number, y: number) => number[]> {
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    return (x, y) => [...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3)];
  }

  it("have every pixel where it belongs", async () => {
    // Three pictures of 1 x 2 in two columns.
    const sheet = await writeGrid(file, pictures([3, 1, 1, 2], [-1, 1, 0, -2, 0.5, Number.NaN]), {
      columns: 2,
      scale: 2,
      gap: 1,
    });
    assert.deepEqual([sheet.width, sheet.height, sheet.columns, sheet.rows], [11, 7, 2, 2]);
    assert.deepEqual(sheet.notes, []);
    const at = await pixels();
    const gap = [0x2b, 0x2b, 0x2b];
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((x) => at(x, 1)[0]),
      [43, 0, 0, 255, 255, 43, 128, 128, 0, 0, 43],
    );
    assert.deepEqual(
      [at(1, 2), at(1, 3), at(1, 4), at(3, 4), at(6, 4)],
      [[0, 0, 0], gap, [191, 191, 191], [255, 0, 0], gap],
    );
  });

  it("show colours, and three channels of latents", async () => {
    await writeGrid(file, pictures([1, 3, 1, 1], [1, -1, 0]), { scale: 1, gap: 0 });
    assert.deepEqual((await pixels())(0, 0), [255, 0, 128]);
    const sheet = await writeGrid(file, pictures([1, 4, 1, 1], [-1, 1, -1, 1]), { scale: 1, gap: 0 });
    assert.deepEqual((await pixels())(0, 0), [0, 255, 0]);
    assert.deepEqual(sheet.notes, ["4 channels: the first three are shown"]);
  });

  it("show digits three times their size, with captions", async () => {
    const sheet = await writeGrid(file, pictures([2, 1, 28, 28], new Array(2 * 784).fill(-1)), {
      captions: ["<3>", "7 & 8"],
    });
    assert.deepEqual([sheet.scale, sheet.columns, sheet.width, sheet.height], [3, 2, 174, 104]);
  });

  it("refuse what is no picture", async () => {
    await faultOf(
      () => writeGrid(file, pictures([2, 3], new Array(6).fill(0))),
      /shape \[2, 3\] is no picture/,
      /grid.png$/,
    );
  });
});
