import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { RuntimeFault } from "../../runtime/fault.js";
import { choose, openTensorFile } from "../../runtime/weights/tensor-file.js";
import { writeTorch } from "../../runtime/weights/torch-writer.js";
import { faultOf } from "./faults.js";
import { bytes, checkpoint, type Entry, floats, oldCheckpoint, op, type Part, pickle, zip } from "./pickles.js";
import { scratch } from "./toy.js";

const folder = scratch();
const file = join(folder, "x.pt");
const marker = join(folder, "ran");

async function open(content: Uint8Array) {
  writeFileSync(file, content);
  const opened = await openTensorFile(file);
  await opened.close();
  return opened;
}

/** The numbers of a tensor of a file. */
async function read(content: Uint8Array, name: string): Promise<number[]> {
  writeFileSync(file, content);
  const opened = await openTensorFile(file);
  try {
    return Array.from((await opened.read(name)).data);
  } finally {
    await opened.close();
  }
}

const tensor = op.tensor(op.storage("FloatStorage", "0", 6), 0, [2, 3], [3, 1]);
const six = floats(1, 2, 3, 4, 5, 6);
const good = checkpoint(pickle(op.dict({ w: tensor })), { 0: six });

describe("files of PyTorch", () => {
  it("give their tensors by name: views in order, 16 bits widened", async () => {
    assert.deepEqual(await read(good, "w"), [1, 2, 3, 4, 5, 6]);
    const turned = op.tensor(op.storage("FloatStorage", "0", 6), 0, [3, 2], [1, 3]);
    assert.deepEqual(await read(checkpoint(pickle(op.dict({ w: turned })), { 0: six }), "w"), [1, 4, 2, 5, 3, 6]);
    const part = op.tensor(op.storage("FloatStorage", "0", 6), 1, [2], [3]);
    assert.deepEqual(await read(checkpoint(pickle(op.dict({ w: part })), { 0: six }), "w"), [2, 5]);
    const half = op.tensor(op.storage("BFloat16Storage", "0", 2), 0, [2], [1]);
    const opened = await open(checkpoint(pickle(op.dict({ h: half })), { 0: Uint8Array.of(0x80, 0x3f, 0, 0xc0) }));
    assert.equal(opened.entries.get("h")?.type, "BF16");
    assert.deepEqual(
      await read(checkpoint(pickle(op.dict({ h: half })), { 0: Uint8Array.of(0x80, 0x3f, 0, 0xc0) }), "h"),
      [1, -2],
    );
  });

  it("before 1.6 too", async () => {
    assert.deepEqual(
      await read(oldCheckpoint(pickle(op.dict({ w: tensor })), { 0: six }, { 0: 6 }), "w"),
      [1, 2, 3, 4, 5, 6],
    );
  });

  it("hold state dicts in dicts: the average is taken, or what is asked for", async () => {
    const args = bytes(
      op.global("argparse", "Namespace"),
      ")\x81",
      op.dict({ model: op.text("SiT-XL/2"), lr: op.int(3) }),
      "b",
    );
    const metadata = op.dict({ _metadata: bytes(op.global("collections", "OrderedDict"), ")R") });
    const ordered = bytes(op.global("collections", "OrderedDict"), ")R(", op.text("w"), tensor, "u", metadata, "b");
    const content = checkpoint(pickle(op.dict({ model: ordered, ema: op.dict({ w: tensor }), args })), { 0: six });
    const opened = await open(content);
    assert.deepEqual([...opened.entries.keys()], ["model.w", "ema.w"]);
    assert.deepEqual(opened.groups, ["model", "ema"]);
    assert.equal(opened.facts[2], "args: model = SiT-XL/2, lr = 3");
    const usual = choose(opened);
    assert.equal(usual.key, "ema");
    assert.match(usual.why ?? "", /taking `ema`, the averaged weights.* has also `model`/);
    assert.deepEqual([...choose(opened, "model").source.entries.keys()], ["w"]);
    await faultOf(() => choose(opened, "modle"), /no tensor of the file is below `modle`/, /x\.pt/);
    const several = await open(
      checkpoint(pickle(op.dict({ a: op.dict({ w: tensor }), b: op.dict({ w: tensor }) })), { 0: six }),
    );
    const fault = await faultOf(() => choose(several), /several dicts of tensors/, /x\.pt/);
    assert.deepEqual(fault.help, ["`--key a`", "`--key b`"]);
  });

  it("come back as they were written", async () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
    const tensors = shapes.chain((shape) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return fc
        .array(fc.float(), { minLength: length, maxLength: length })
        .map((d) => ({ shape, data: Float32Array.from(d) }));
    });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ minLength: 1 }), tensors), async (given) => {
        await writeTorch(file, new Map(Object.entries(given).map(([name, t]) => [name, { dtype: "float", ...t }])));
        const opened = await openTensorFile(file);
        try {
          assert.deepEqual([...opened.entries.keys()].sort(), Object.keys(given).sort());
          for (const [name, t] of Object.entries(given)) {
            const back = await opened.read(name);
            assert.deepEqual([back.shape, back.data], [t.shape, t.data]);
          }
        } finally {
          await opened.close();
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("a file that means harm", () => {
  const command = op.tuple(op.text(`touch ${marker}`));
  const system = op.global("os", "system");
  const namedTuple = op.global("collections", "OrderedDict");
  const cases: readonly [name: string, pickled: Part[], what: RegExp, byte: number][] = [
    ["REDUCE", [system, command, "R"], /tries to reach `os\.system` \(opcode GLOBAL\)/, 2],
    ["REDUCE in a state dict", [op.dict({ w: bytes(system, command, "R") })], /`os\.system`/, 10],
    ["GLOBAL of eval", [op.global("builtins", "eval"), op.tuple(op.text("1")), "R"], /`builtins\.eval`/, 2],
    ["GLOBAL of old names", [op.global("__builtin__", "exec"), command, "R"], /`__builtin__\.exec`/, 2],
    [
      "GLOBAL that looks like ours",
      [op.global("torch", "FloatStorage.__class__"), ")R"],
      /`torch\.FloatStorage\.__class__`/,
      2,
    ],
    ["GLOBAL of a hub", [op.global("torch.hub", "load"), command, "R"], /`torch\.hub\.load`/, 2],
    ["GLOBAL of the reader itself", [op.global("torch", "load"), command, "R"], /`torch\.load`/, 2],
    [
      "STACK_GLOBAL",
      [op.short("posix"), op.short("system"), "\x93", command, "R"],
      /`posix\.system` \(opcode STACK_GLOBAL\)/,
      17,
    ],
    ["STACK_GLOBAL of a number", [op.int(1), op.short("system"), "\x93"], /name that is no text/, 15],
    [
      "INST",
      ["(", op.text(`touch ${marker}`), "ios\nsystem\n"],
      /`os\.system` \(opcode INST\)/,
      8 + `touch ${marker}`.length,
    ],
    ["OBJ", ["(", namedTuple, "o"], /make an object of a class \(opcode OBJ\)/, 28],
    ["NEWOBJ", [namedTuple, ")\x81"], /make an object of `collections\.OrderedDict` \(opcode NEWOBJ\)/, 28],
    ["NEWOBJ_EX", [namedTuple, ")}\x92"], /opcode NEWOBJ_EX/, 29],
    [
      "BUILD on a class",
      [op.global("torch", "FloatStorage"), op.dict({ __setstate__: op.text("os.system") }), "b"],
      /set the state of `torch\.FloatStorage` \(opcode BUILD\)/,
      56,
    ],
    ["BUILD with a function", [namedTuple, ")R", op.dict({ __setstate__: system }), "b"], /`os\.system`/, 48],
    ["EXT1", ["\x82\x01"], /registry of Python \(opcode EXT1\)/, 2],
    ["EXT2", ["\x83\x01\x01"], /opcode EXT2/, 2],
    ["EXT4", ["\x84\x01\x01\x01\x01"], /opcode EXT4/, 2],
    ["PERSID", ["Pos.system\n"], /opcode PERSID/, 2],
    ["BINPERSID of something else", [op.text("os.system"), "Q"], /object from outside of it that is no storage/, 16],
    [
      "BINPERSID of a module",
      [op.tuple(op.text("module"), op.text("x"), op.text("y.py"), op.text("code")), "Q"],
      /opcode BINPERSID/,
      39,
    ],
    [
      "a call of a storage",
      [op.global("torch", "FloatStorage"), ")R"],
      /call `torch\.FloatStorage` with what it does not take/,
      23,
    ],
    ["a call of what is no name", [op.text("os.system"), ")R"], /tries to call a value/, 17],
    [
      "a tensor of what is none",
      [op.global("torch._utils", "_rebuild_tensor_v2"), op.tuple(op.text("x")), "R"],
      /call `torch\._utils\._rebuild_tensor_v2`/,
      43,
    ],
    ["a buffer from outside", ["\x97"], /opcode NEXT_BUFFER/, 2],
    ["an unknown opcode", ["\xff"], /0xff is no opcode/, 2],
  ];
  for (const [name, parts, what, byte] of cases)
    it(`is refused: ${name}`, async () => {
      const zipped = await faultOf(
        () => open(checkpoint(pickle(...parts))),
        what,
        new RegExp(`x\\.pt, data\\.pkl, byte ${byte}$`),
      );
      assert.ok(zipped.help.length > 0);
      await faultOf(() => open(oldCheckpoint(pickle(...parts), {}, {})), what, /x\.pt, byte \d+$/);
    });

  it("has run nothing", () => {
    assert.ok(!existsSync(marker));
    for (const name of ["pickle", "torch", "zip", "tensor-file"]) {
      const source = readFileSync(new URL(`../../runtime/weights/${name}.ts`, import.meta.url), "utf8");
      assert.doesNotMatch(source, /child_process|node:vm|\beval\(|new Function|import\((?!")/);
    }
  });

  it("may name attributes as it likes: they are read and nothing else", async () => {
    const dict = bytes(
      namedTuple,
      ")R(",
      op.text("w"),
      tensor,
      "u",
      op.dict({ __setstate__: op.text("os.system"), __reduce__: op.int(1) }),
      "b",
    );
    assert.deepEqual(await read(checkpoint(pickle(dict), { 0: six }), "w"), [1, 2, 3, 4, 5, 6]);
    const proto = checkpoint(pickle(op.dict({ __proto__: tensor, constructor: tensor })), { 0: six });
    assert.deepEqual(
      [...(await open(proto)).entries.keys()].sort(),
      ["__proto__", "constructor"].filter((n) => n !== "__proto__"),
    );
    const args = bytes(op.global("argparse", "Namespace"), ")\x81", op.dict({ __class__: op.text("os.system") }), "b");
    assert.deepEqual((await open(checkpoint(pickle(op.dict({ args }))))).facts, ["args: __class__ = os.system"]);
  });

  it("cannot make us dig or grow without end", async () => {
    const deep = 200_000;
    await open(checkpoint(pickle("]".repeat(deep), "a".repeat(deep - 1)))).catch((e: unknown) =>
      assert.ok(e instanceof RuntimeFault),
    );
    const nested = Array.from({ length: 300 }).reduce<Buffer>((inner) => op.dict({ a: inner }), op.dict({ w: tensor }));
    await faultOf(() => open(checkpoint(pickle(nested), { 0: six })), /more values within one another/, /x\.pt/);
    // Each dict holds the one before twice: 2^40 names.
    const laughs = Array.from({ length: 40 }, (_, i) =>
      bytes("}(", op.text("a"), op.get(i), op.text("b"), op.get(i), "u", op.put(i + 1)),
    );
    await faultOf(
      () => open(checkpoint(pickle(op.tuple(op.dict({ w: tensor }), op.put(0), ...laughs)), { 0: six })),
      /more values within one another/,
      /x\.pt/,
    );
    const itself = checkpoint(pickle("}", op.put(0), "(", op.text("self"), op.get(0), op.text("w"), tensor, "u"), {
      0: six,
    });
    assert.deepEqual([...(await open(itself)).entries.keys()], ["w"]);
    const huge = (shape: number[], strides: number[], storage = op.storage("FloatStorage", "0", 6)) =>
      open(checkpoint(pickle(op.dict({ w: op.tensor(storage, 0, shape, strides) })), { 0: six }));
    const repeated = await faultOf(
      () => huge([100_000, 100_000], [0, 0]),
      /does not fit in its storage of 6 elements/,
      /key w/,
    );
    assert.match(repeated.help[0] ?? "", /contiguous/);
    await faultOf(() => huge([7], [1]), /does not fit/, /key w/);
    await faultOf(() => huge([2, 3], [30, 1]), /does not fit/, /key w/);
    await faultOf(
      () => huge([2], [1], op.storage("FloatStorage", "0", 2_000_000_000)),
      /2000000000 elements of F32 need 8000000000 bytes, the file has 24/,
      /x\.pt, byte/,
    );
  });

  it("may be a zip of another sort", async () => {
    const data = { name: "x/data.pkl", bytes: pickle(op.dict({ w: tensor })) };
    const storage = { name: "x/data/0", bytes: six };
    const said = (entries: Entry[], what: RegExp) => faultOf(() => open(zip(entries)), what, /x\.pt, byte \d+/);
    await said(
      [data, storage, { name: "x/../../etc/passwd", bytes: six }],
      /named "x\/\.\.\/\.\.\/etc\/passwd", a path that leads elsewhere/,
    );
    await said([data, storage, { name: "/etc/passwd", bytes: six }], /leads elsewhere/);
    await said([data, storage, { name: "C:\\x", bytes: six }], /leads elsewhere/);
    await said([{ ...data, method: 8 }, storage], /is compressed/);
    await said([data, { ...storage, method: 8, size: 4_000_000_000 }], /compressed, 24 bytes for 4000000000/);
    await said([data, { ...storage, flags: 1 }], /is encrypted/);
    await said([data, storage, storage], /two entries of the zip are named `x\/data\/0`/);
    await said([data, storage, { name: "x/data/1", bytes: six, at: 0 }], /overlaps/);
    await said([data, { ...storage, at: 1_000_000 }], /outside of the file/);
    await faultOf(() => open(zip([{ name: "x/weights", bytes: six }])), /no `data\.pkl`/, /x\.pt/);
    await faultOf(() => open(zip([data])), /the bytes of storage `0` are missing/, /x\.pt/);
    await faultOf(() => open(zip([data, storage, { name: "x/constants.pkl", bytes: six }])), /TorchScript/, /x\.pt/);
    await faultOf(
      () => open(zip([data, storage, { name: "x/byteorder", bytes: Buffer.from("big") }])),
      /other way round/,
      /x\.pt/,
    );
    await faultOf(() => open(pickle(op.dict({}))), /not one that PyTorch saved/, /x\.pt, byte 0/);
  });

  it("may be cut off or damaged anywhere: it is a fault with a place, or another file", async () => {
    const old = oldCheckpoint(pickle(op.dict({ w: tensor })), { 0: six }, { 0: 6 });
    for (const whole of [good, old]) {
      for (let length = 3; length < whole.length; length += 3)
        await faultOf(() => open(whole.subarray(0, length)), /./, /x\.pt/);
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
          const damaged = Buffer.from(whole);
          damaged[at] = byte;
          await read(damaged, "w").catch((e: unknown) =>
            assert.ok(e instanceof RuntimeFault, String(e instanceof Error ? e.stack : e)),
          );
        }),
        { numRuns: 400 },
      );
    }
  });
});
