/** `dit weights` as a user meets it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "../../runtime/checkpoint/safetensors.js";
import { writeTensors } from "../../runtime/weights/export.js";
import { checkpoint, op, pickle } from "../runtime/pickles.js";
import { dit, inFolder } from "./dit.js";

const fixture = fileURLToPath(new URL("../golden/sit/sample-ode.safetensors", import.meta.url));

const spec = (depth: number) => `use std.{Euler, Flow, Generate, Latents, SiT}
data lat: Latents { path: "none", image: [channel: 4, row: 8, col: 8], class: 10, scale: 0.18215 }
model net: SiT { hidden: 32, depth: ${depth}, heads: 4, patch: 2 }
objective flow: Flow
sample pictures: Generate { flow, model: net, like: lat, count: 2, method: Euler { steps: 2 } }
`;

/** A folder with the official weights of the fixture, `sit.pt`, and a spec for them, `sit.dit`. */
function withWeights(use: (cwd: string) => Promise<void>): () => Promise<void> {
  return () =>
    inFolder(async (cwd) => {
      const { tensors } = await readSafetensors(fixture);
      const weights = [...tensors].filter(([name]) => name.startsWith("weight/"));
      await writeTensors(join(cwd, "sit.pt"), new Map(weights.map(([name, t]) => [name.slice("weight/".length), t])));
      writeFileSync(join(cwd, "sit.dit"), spec(3));
      await use(cwd);
    });
}

describe("dit weights", () => {
  it(
    "takes official weights into a run that samples, and hands them back",
    withWeights(async (cwd) => {
      const told = await dit(["weights", "import", "sit.pt"], { cwd });
      assert.equal(told.code, 0, told.err);
      assert.match(told.out, /^final_layer\.linear\.weight +F32 +\[16, 32\]$/m);
      const taken = await dit(["weights", "import", "sit.pt", "--spec", "sit.dit", "--layout", "SiTOfficial"], { cwd });
      assert.equal(taken.code, 0, taken.err);
      assert.match(taken.out, /^match +42 of 42 tensors, 69,552 parameters$/m);
      assert.match(taken.out, /^checkpoint +runs\/sit\/checkpoints\/step-0000000$/m);
      assert.match(readFileSync(join(cwd, "runs/sit/README.md"), "utf8"), /net starts from sit\.pt by SiTOfficial/);
      const drawn = await dit(["sample", "runs/sit", "-o", "s.safetensors"], { cwd });
      assert.deepEqual([drawn.code, existsSync(join(cwd, "s.safetensors"))], [0, true], drawn.err);
      const back = await dit(["weights", "export", "runs/sit", "-o", "back.pt", "--layout", "SiTOfficial"], { cwd });
      assert.deepEqual([back.code, back.out], [0, "back.pt\n"], back.err);
      const sorted = async (name: string) => {
        const out = join(cwd, `${name}.safetensors`);
        await dit(["weights", "import", `${name}.pt`, "--spec", "sit.dit", "--layout", "SiTOfficial", "--run", out], {
          cwd,
        });
        return readFileSync(join(out, "checkpoints/step-0000000/weights.safetensors"));
      };
      assert.ok((await sorted("back")).equals(await sorted("sit")));
      // Nothing is overwritten unless asked.
      const again = await dit(["weights", "import", "sit.pt", "--spec", "sit.dit", "--layout", "SiTOfficial"], { cwd });
      assert.deepEqual([again.code, again.out], [3, ""]);
      assert.match(again.err, /the run `runs\/sit` is there already/);
      const over = await dit(["weights", "export", "runs/sit", "-o", "back.pt"], { cwd });
      assert.equal(over.code, 3);
      assert.match(over.err, /`back\.pt` is there already; nothing was written\n {2}= help: `--force`/);
      assert.equal((await dit(["weights", "export", "runs/sit", "-o", "back.pt", "--force"], { cwd })).code, 0);
    }),
  );

  it(
    "says what does not fit, and takes part of it only if asked",
    withWeights(async (cwd) => {
      writeFileSync(join(cwd, "deep.dit"), spec(4));
      const args = ["weights", "import", "sit.pt", "--spec", "deep.dit", "--layout", "SiTOfficial"];
      const refused = await dit(args, { cwd });
      assert.equal(refused.code, 2);
      assert.match(refused.out, /^match +42 of 52 tensors/m);
      assert.match(refused.out, /^not in the file +blocks\.3\.adaLN_modulation\.1\.weight$/m);
      assert.match(refused.out, /^nothing fills +net\.block\.4\./m);
      assert.match(refused.err, /do not fit in every part\n {2}= help: `--partial`/);
      assert.ok(!existsSync(join(cwd, "runs")));
      assert.equal((await dit([...args, "--partial"], { cwd })).code, 0);
      writeFileSync(join(cwd, "shallow.dit"), spec(2));
      const unused = await dit(
        ["weights", "import", "sit.pt", "--spec", "shallow.dit", "--run", "shallow", "--layout", "SiTOfficial"],
        {
          cwd,
        },
      );
      assert.equal(unused.code, 2);
      assert.match(unused.out, /^not in the network +blocks\.2\./m);
    }),
  );

  it(
    "guesses what was meant",
    withWeights(async (cwd) => {
      const said = async (...args: string[]) => {
        const { code, out, err } = await dit(["weights", ...args], { cwd });
        assert.deepEqual([code, out], [2, ""], err);
        return err;
      };
      assert.match(
        await said("import", "sit.pt", "--spec", "sit.dit"),
        /no tensor of the file fits\n.*--layout .*\bSiTOfficial/,
      );
      assert.match(
        await said("import", "sit.pt", "--spec", "sit.dit", "--layout", "SiT"),
        /no layout `SiT` for `net`\n.*`SiTOfficial`/,
      );
      assert.match(
        await said("import", "sit.pt", "--spec", "sit.dit", "--key", "ema"),
        /no tensor of the file is below `ema`/,
      );
      assert.match(
        await said("import", "sit.pt", "--spec", "sit.dit", "--model", "nets"),
        /has no `nets` with weights\n.*it has `net`/,
      );
      assert.match(await said("import", "nowhere.pt"), /no such file/);
      assert.match(await said("export", "nowhere", "-o", "x.pt"), /not the folder of a run/);
      assert.match(await said("export", "nowhere", "-o", "x.bin"), /written as \.safetensors, \.pt or \.pth/);
    }),
  );

  it("does not run what a file says, and shows what a terminal would obey", () =>
    inFolder(async (cwd) => {
      const harm = op.tuple(op.text(`touch ${join(cwd, "ran")}`));
      writeFileSync(join(cwd, "harm.pt"), checkpoint(pickle(op.global("os", "system\u001b[31m"), harm, "R")));
      const { code, out, err } = await dit(["weights", "import", "harm.pt"], { cwd });
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, /it tries to reach `os\.system\\x1b\[31m` \(opcode GLOBAL\)/);
      assert.match(err, /--> harm\.pt, data\.pkl, byte 2\n {2}= help: nothing of it was run/);
      assert.ok(!existsSync(join(cwd, "ran")));
    }));
});
