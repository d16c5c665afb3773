import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { HostTensor } from "../../compiler/ir/host.js";
import { halfToFloat, readSafetensors, Safetensors } from "../../runtime/checkpoint/safetensors.js";
import { writeSafetensors } from "../../runtime/checkpoint/safetensors-writer.js";
import { faultOf } from "./faults.js";
import { scratch } from "./toy.js";

const float = (shape: number[], data: Float64Array | Float32Array): HostTensor => ({ dtype: "float", shape, data });

/** A file with this header and these bytes after it. */
function raw(header: unknown, data: Uint8Array = new Uint8Array()): Buffer {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const lead = Buffer.alloc(8);
  lead.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([lead, text, data]);
}

describe("safetensors", () => {
  const folder = scratch();
  const file = join(folder, "x.safetensors");

  it("give back what was written", async () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
    const tensors = shapes.chain((shape) => {
      const length = shape.reduce((a, b) => a * b, 1);
      const size = { minLength: length, maxLength: length };
      return fc.oneof(
        fc.array(fc.double(), size).map((d) => float(shape, Float64Array.from(d))),
        fc.array(fc.float(), size).map((d) => float(shape, Float32Array.from(d))),
        fc.array(fc.integer(), size).map((d): HostTensor => ({ dtype: "index", shape, data: Int32Array.from(d) })),
        fc
          .array(fc.boolean(), size)
          .map((d): HostTensor => ({ dtype: "bool", shape, data: Uint8Array.from(d, Number) })),
      );
    });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), tensors), async (dictionary) => {
        const given = new Map(Object.entries(dictionary).filter(([name]) => name !== "__metadata__"));
        await writeSafetensors(file, given, { metadata: { a: "b" } });
        const { tensors: found, metadata } = await readSafetensors(file);
        assert.deepEqual(new Map([...found].sort()), new Map([...given].sort()));
        assert.deepEqual(metadata, { a: "b" });
      }),
      { numRuns: 40, examples: [[Object.fromEntries([["__proto__", float([1], Float64Array.of(0.5))]])]] },
    );
  });

  it("round floats to the precision asked for, and align the data", async () => {
    await writeSafetensors(
      file,
      [
        ["a", float([1], Float64Array.of(0.1))],
        ["b", float([1], Float32Array.of(2))],
      ],
      { floats: "F32" },
    );
    const { tensors } = await readSafetensors(file);
    assert.deepEqual(tensors.get("a")?.data, Float32Array.of(0.1));
    assert.equal((8 + Number(readFileSync(file).readBigUInt64LE(0))) % 8, 0);
  });

  it("are read by rows", async () => {
    const data = Float64Array.from({ length: 12 }, (_, i) => i);
    await writeSafetensors(file, [
      ["first", float([2], Float64Array.of(8, 9))],
      ["x", float([4, 3], data)],
    ]);
    const source = await Safetensors.open(file);
    const rows = await source.rows("x", 1, 2);
    await source.close();
    assert.deepEqual(rows, float([2, 3], Float64Array.of(3, 4, 5, 6, 7, 8)));
  });

  it("widen 16 bits", async () => {
    assert.deepEqual([0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555].map(halfToFloat), [
      1,
      -2,
      2 ** -24,
      Infinity,
      1365 / 4096,
    ]);
    const half = { dtype: "F16", shape: [2], data_offsets: [0, 4] };
    const brain = { dtype: "BF16", shape: [1], data_offsets: [4, 6] };
    writeFileSync(file, raw({ half, brain }, Uint8Array.of(0, 0x3c, 0, 0xc0, 0x80, 0x3f)));
    const { tensors } = await readSafetensors(file);
    assert.deepEqual(tensors.get("half"), float([2], Float32Array.of(1, -2)));
    assert.deepEqual(tensors.get("brain"), float([1], Float32Array.of(1)));
  });

  it("take 64-bit integers as far as they fit", async () => {
    const entry = { a: { dtype: "I64", shape: [2], data_offsets: [0, 16] } };
    const header = raw(entry).length;
    writeFileSync(file, raw(entry, new Uint8Array(BigInt64Array.of(5n, -1n).buffer)));
    assert.deepEqual((await readSafetensors(file)).tensors.get("a")?.data, Int32Array.of(5, -1));
    writeFileSync(file, raw(entry, new Uint8Array(BigInt64Array.of(5n, 2n ** 40n).buffer)));
    await faultOf(() => readSafetensors(file), /`a`: 1099511627776 does not fit/, new RegExp(`byte ${header + 8}$`));
  });

  it("say which byte is damaged", async () => {
    const good = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
    const eight = new Uint8Array(8);
    const broken: [what: RegExp, where: RegExp, bytes: Uint8Array][] = [
      [/not a safetensors file: 3 bytes/, /byte 0$/, Uint8Array.of(1, 2, 3)],
      [/header claims 1000 bytes and the file has 10/, /byte 0$/, Uint8Array.of(0xe8, 3, 0, 0, 0, 0, 0, 0, 1, 1)],
      [/header is not JSON/, /byte 14$/, raw('{"a": nothing}')],
      [/header is not an object/, /byte 8$/, raw("[]")],
      [/`b`: type "F8" is not supported/, /byte \d+$/, raw({ b: { ...good, dtype: "F8" } }, eight)],
      [/`b`: its shape is not/, /byte 9$/, raw({ b: { ...good, shape: [-2] } }, eight)],
      [/`b`: F32 \[3\] needs 12 bytes, its data_offsets span 8/, /byte 9$/, raw({ b: { ...good, shape: [3] } }, eight)],
      [/`b`: its data ends at byte \d+, the file at/, /byte 9$/, raw({ b: good }, eight.slice(4))],
      [/`c` overlaps/, /byte \d+$/, raw({ b: good, c: { ...good, data_offsets: [4, 12] } }, new Uint8Array(12))],
      [/`b` leaves 4 bytes unused/, /byte \d+$/, raw({ b: { ...good, data_offsets: [4, 12] } }, new Uint8Array(12))],
      [/4 bytes after the last tensor/, /byte \d+$/, raw({ b: good }, new Uint8Array(12))],
    ];
    for (const [what, where, bytes] of broken) {
      writeFileSync(file, bytes);
      await faultOf(() => readSafetensors(file), what, where);
    }
  });

  it("name what is missing, and what is near", async () => {
    await faultOf(() => readSafetensors(join(folder, "none")), /no such file/, /none$/);
    await writeSafetensors(file, [["net.block.1.w", float([1], Float64Array.of(1))]]);
    const source = await Safetensors.open(file);
    const fault = await faultOf(() => source.read("net.blok.1.w"), /no tensor `net.blok.1.w`/, /x.safetensors/);
    await source.close();
    assert.deepEqual(fault.help, ["did you mean `net.block.1.w`?"]);
  });
});
