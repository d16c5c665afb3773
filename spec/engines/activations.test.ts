import assert from "node:assert/strict";
import { emitOnnx } from "../../compiler/emit/onnx/emit.js";
import * as build from "../../compiler/ir/build.js";
import type { FnBuilder } from "../../compiler/ir/builder.js";
import { tensor, type Value } from "../../compiler/ir/graph.js";
import { onnx } from "../../runtime/engines/onnx.js";
import {
  compile,
  draw,
  floats,
  generator,
  gradientProgram,
  type Program,
  scalarize,
  tangentProgram,
} from "../ir/helpers.js";
import { agree } from "./agree.js";

type Act = (b: FnBuilder, x: Value) => Value;

const cube: Act = (b, x) => b.emit("pow", [x, build.like(b, x, 3)], {});
const tail =
  (inner: Act): Act =>
  (b, x) =>
    build.mul(b, build.scale(b, x, 0.5), build.shift(b, build.unary(b, "tanh", inner(b, x)), 1));
const c = Math.sqrt(2 / Math.PI);

const acts: Readonly<Record<string, Act>> = {
  "gelu by tanh": tail((b, x) => build.scale(b, build.add(b, x, build.scale(b, cube(b, x), 0.044715)), c)),
  "gelu by tanh, by Horner": tail((b, x) =>
    build.mul(b, build.scale(b, x, c), build.shift(b, build.scale(b, build.mul(b, x, x), 0.044715), 1)),
  ),
  "gelu by erf": (b, x) =>
    build.mul(b, build.scale(b, x, 0.5), build.shift(b, build.unary(b, "erf", build.scale(b, x, Math.SQRT1_2)), 1)),
  silu: (b, x) => build.mul(b, x, build.unary(b, "sigmoid", x)),
  "not quite gelu": tail((b, x) => build.scale(b, build.add(b, x, build.scale(b, cube(b, x), 0.05)), c)),
};

/** The activation between two matrix products, as a network has it. */
function net(act: Act): Program {
  return {
    params: [tensor([5, 3]), tensor([3, 8]), tensor([8, 2])],
    build: (b, [x, w, v]) => {
      assert.ok(x && w && v);
      const h = b.emit("dot", [x, w], { batch: [], contract: [[1, 0]] });
      return [b.emit("dot", [act(b, h), v], { batch: [], contract: [[1, 0]] })];
    },
  };
}

const alone = (act: Act): Program => ({ params: [tensor([9])], build: (b, [x]) => (x ? [act(b, x)] : []) });
const far = [floats([9], [-40, -9, -8, -5.5, 0, 1e-3, 5.5, 9, 40])];
const text = (p: Program): string => Buffer.from(emitOnnx(compile(p).main)).toString("latin1");

describe("activations that are recognised", () => {
  const random = generator(31);
  for (const [name, act] of Object.entries(acts))
    it(`${name}: value and derivatives, near and far from 0`, async () => {
      const p = net(act);
      const inputs = p.params.map((t) => draw(random, t.shape));
      const along = p.params.map((t) => draw(random, t.shape));
      await agree(onnx, compile(p), inputs, "value");
      await agree(onnx, compile(gradientProgram(scalarize(p))), inputs, "vjp");
      await agree(onnx, compile(tangentProgram(p)), [...inputs, ...along], "jvp");
      await agree(onnx, compile(gradientProgram(scalarize(gradientProgram(scalarize(p))))), inputs, "vjp of vjp", 1e-4);
      await agree(onnx, compile(alone(act)), far, "far");
      await agree(onnx, compile(gradientProgram(scalarize(alone(act)))), far, "far, vjp");
    });

  it("may be factors of a product, as in a gated unit", async () => {
    for (const [name, act] of Object.entries(acts)) {
      const gated: Program = {
        params: [tensor([4]), tensor([4])],
        build: (b, [x, y]) => (x && y ? [build.mul(b, act(b, x), y), build.scale(b, act(b, y), 3)] : []),
      };
      await agree(onnx, compile(gated), [draw(random, [4]), draw(random, [4])], name);
    }
  });

  it("become one node", () => {
    for (const [name, node] of [
      ["gelu by tanh", "Gelu"],
      ["gelu by tanh, by Horner", "Gelu"],
      ["gelu by erf", "Gelu"],
      ["silu", "QuickGelu"],
    ] as const) {
      const act = acts[name];
      assert.ok(act && text(net(act)).includes(node), name);
      assert.ok(!/Tanh|Erf|Sigmoid/.test(text(net(act))), name);
    }
    const other = acts["not quite gelu"];
    assert.ok(other && !text(net(other)).includes("Gelu"));
  });

  it("lose the chain of their derivative", () => {
    for (const name of ["gelu by tanh", "gelu by tanh, by Horner"]) {
      const act = acts[name];
      assert.ok(act);
      const gradient = text(gradientProgram(scalarize(net(act))));
      assert.ok(gradient.includes("HardSigmoid") && !gradient.includes("Tanh"), name);
    }
  });
});
