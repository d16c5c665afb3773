/** Files of PyTorch itself, and ours read by it: where a Python with torch is (`DIT_TORCH_PYTHON`, or what `npm run bench` installs). */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostTensor } from "../../compiler/ir/host.js";
import { choose, openTensorFile } from "../../runtime/weights/tensor-file.js";
import { writeTorch } from "../../runtime/weights/torch-writer.js";
import { scratch } from "./toy.js";

const bench = fileURLToPath(new URL("../../bench/.venv/bin/python", import.meta.url));
const python = process.env.DIT_TORCH_PYTHON ?? (existsSync(bench) ? bench : "python3");

const script = `
import argparse, collections, torch
m = torch.nn.Linear(3, 2)
with torch.no_grad():
    m.weight.copy_(torch.arange(6.).reshape(2, 3)); m.bias.copy_(torch.tensor([0.5, -0.5]))
ema = collections.OrderedDict((k, v.clone()) for k, v in m.state_dict().items())
ema["turned"] = torch.arange(6.).reshape(2, 3).t()
ema["part"] = torch.arange(10.)[2:8:2]
ema["half"] = torch.tensor([1.5, -2.0], dtype=torch.float16)
ema["brain"] = torch.tensor([1.5, -2.0], dtype=torch.bfloat16)
ema["double"] = torch.tensor([0.1], dtype=torch.float64)
ema["count"] = torch.tensor([1, 2**31 - 1])
ema["learned"] = torch.nn.Parameter(torch.tensor([7.0]))
o = torch.optim.AdamW(m.parameters()); m(torch.ones(1, 3)).sum().backward(); o.step()
c = {"model": m.state_dict(), "ema": ema, "opt": o.state_dict(), "args": argparse.Namespace(model="SiT", lr=1e-4, big=2**40, size=(1, None, True), dtype=torch.float32)}
torch.save(c, "new.pt")
torch.save(c, "fourth.pt", pickle_protocol=4)
torch.save(c, "old.pt", _use_new_zipfile_serialization=False)
torch.save(c, "old-fourth.pt", _use_new_zipfile_serialization=False, pickle_protocol=4)
torch.save(m, "module.pt")
`;

describe("files that PyTorch wrote", () => {
  const folder = scratch();
  before(function () {
    writeFileSync(join(folder, "make.py"), script);
    const made = spawnSync(python, ["make.py"], { cwd: folder, encoding: "utf8" });
    if (made.status !== 0) this.skip();
  });

  for (const name of ["new", "fourth", "old", "old-fourth"])
    it(`are read: ${name}.pt`, async () => {
      const file = await openTensorFile(join(folder, `${name}.pt`));
      const { source, key } = choose(file);
      assert.equal(key, "ema");
      const numbers = async (of: string) => Array.from((await source.read(of)).data);
      assert.deepEqual(await numbers("weight"), [0, 1, 2, 3, 4, 5]);
      assert.deepEqual(await numbers("turned"), [0, 3, 1, 4, 2, 5]);
      assert.deepEqual(await numbers("part"), [2, 4, 6]);
      assert.deepEqual(await numbers("half"), [1.5, -2]);
      assert.deepEqual(await numbers("brain"), [1.5, -2]);
      assert.deepEqual(await numbers("double"), [0.1]);
      assert.deepEqual(await numbers("count"), [1, 2 ** 31 - 1]);
      assert.deepEqual(await numbers("learned"), [7]);
      assert.ok(file.entries.has("opt.state.0.exp_avg"));
      assert.match(file.facts.join("\n"), /args: model = SiT, lr = 0\.0001, big = 1099511627776/);
      await file.close();
    });

  it("are refused where they hold a module, as that would run its class", async () => {
    await assert.rejects(openTensorFile(join(folder, "module.pt")), /`torch\.nn\.modules\.linear\.Linear`/);
  });

  it("may be ours: PyTorch reads what is exported, weights only", async () => {
    const t = (shape: number[], data: HostTensor["data"]): HostTensor => ({ dtype: "float", shape, data });
    await writeTorch(
      join(folder, "ours.pt"),
      new Map([
        ["a.weight", t([2, 3], Float32Array.of(0, 1, 2, 3, 4, 5))],
        ["b", t([], Float32Array.of(0.1))],
        ["c", t([0, 2], new Float32Array())],
      ]),
    );
    const read = `
import torch
c = torch.load("ours.pt", weights_only=True, mmap=True)
assert list(c) == ["a.weight", "b", "c"] and c["c"].shape == (0, 2)
assert torch.equal(c["a.weight"], torch.arange(6.).reshape(2, 3)) and torch.equal(c["b"], torch.tensor(0.1))
`;
    const { status, stderr } = spawnSync(python, ["-c", read], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
});
