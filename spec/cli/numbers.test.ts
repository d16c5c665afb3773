import assert from "node:assert/strict";
import { costLine, costTables } from "../../cli/cost-text.js";
import { amount, bytes, grouped, table } from "../../cli/numbers.js";

describe("numbers for people", () => {
  it("have three places or so and a prefix", () => {
    assert.equal(amount(32_568_000), "32.6 M");
    assert.equal(amount(5.6e9, "FLOP"), "5.6 GFLOP");
    assert.equal(amount(999), "999");
    assert.equal(amount(1000, "FLOP"), "1.0 kFLOP");
    assert.equal(amount(999_999), "1.0 M");
    assert.equal(amount(0, "FLOP"), "0 FLOP");
    assert.equal(bytes(6.1 * 2 ** 30), "6.1 GiB");
    assert.equal(bytes(512), "512 B");
    assert.equal(grouped(723_844), "723,844");
    assert.equal(grouped(12), "12");
  });

  it("stand in columns", () => {
    assert.equal(
      table(
        [
          ["a", "10", "x"],
          ["bcd", "5", ""],
        ],
        [1],
      ),
      "a    10  x\nbcd   5\n",
    );
  });
});

describe("costs", () => {
  const report = {
    instances: [
      { name: "net", parameters: 32_568_000, flopsPerSample: 5.6e9 },
      { name: "head", parameters: 1_200 },
    ],
    plans: [
      {
        name: "run",
        kind: "train",
        batch: 256,
        parameters: 32_568_000,
        flopsPerStep: 4.3e12,
        peakBytes: 6.1 * 2 ** 30,
      },
      {
        name: "pictures",
        kind: "sample",
        batch: 64,
        parameters: 32_568_000,
        flopsPerStep: 1.8e13,
        peakBytes: 2 ** 30,
      },
    ],
  } as const;

  it("fit on one line a spec", () => {
    assert.deepEqual(costLine("sit-s.dit", report), [
      "sit-s.dit   net 32.6 M parameters, 5.6 GFLOP an image, head 1.2 k parameters; run, batch 256: 4.3 TFLOP a step, 6.1 GiB",
    ]);
    assert.deepEqual(costLine("parts.dit", { instances: [], plans: [] }), []);
  });

  it("are all in the tables", () => {
    assert.equal(
      costTables(report),
      [
        "instance  parameters  FLOP an image, forward",
        "net       32,568,000                   5.6 G",
        "head           1,200",
        "",
        "plan      kind    batch  parameters  FLOP a sample  FLOP a run  peak memory",
        "run       train     256  32,568,000         16.8 G       4.3 T      6.1 GiB",
        "pictures  sample     64  32,568,000        281.3 G      18.0 T      1.0 GiB",
        "",
      ].join("\n"),
    );
  });
});
