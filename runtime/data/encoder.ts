/**
 * `Onnx`: a frozen encoder from an ONNX file with one input, pictures [batch, 3, input, input]. It is given the `pixels` of a data
 * instance in another size, minus `mean`, divided by `std`, and gives the outputs that the spec asks for: by their names in the file, or
 * in the order of the file where it knows none of the names.
 */
import { existsSync } from "node:fs";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { sizeOf } from "../../compiler/ir/graph.js";
import type { HostTensor } from "../../compiler/ir/host.js";
import type { FieldInfo, FieldRef, SourceInfo } from "../../compiler/plan/plan.js";
import { loadOrt, sessionOptions } from "../engines/ort.js";
import { nearest, RuntimeFault, reasonOf } from "../fault.js";
import { type Method, resample } from "./resampling.js";
import { Settings } from "./settings.js";
import type { Batch } from "./source.js";

/** Pictures encoded at once where the file does not fix it: what an encoder needs between its layers grows with them. */
const most = 32;

const fileHelp = ["`file` counts from the folder of the spec"];

/** An output of the file that the spec asks for, under the name the spec has for it. */
interface Asked {
  readonly name: string;
  readonly info: FieldInfo;
}

interface Preparation {
  readonly side: number;
  readonly method: Method;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export class Encoder {
  private constructor(
    readonly reads: FieldRef,
    private readonly file: string,
    private readonly session: InferenceSession,
    private readonly asked: readonly Asked[],
    private readonly preparation: Preparation,
    /** Pictures in one call, and whether it has to be that many. */
    private readonly piece: { readonly size: number; readonly fixed: boolean },
  ) {}

  static async open(info: SourceInfo, base: string | undefined): Promise<Encoder> {
    const settings = new Settings(info);
    const file = settings.path(base, "file");
    const side = settings.number("input");
    const { reads } = info;
    if (!reads)
      throw new RuntimeFault("the plan does not say what the encoder reads", settings.where, [
        "compile the plan again",
      ]);
    const preparation: Preparation = {
      side,
      method: settings.text("method", "bicubic") === "bilinear" ? "bilinear" : "bicubic",
      mean: settings.channels("mean"),
      std: settings.channels("std"),
    };
    if (!existsSync(file)) throw new RuntimeFault("there is no such file", file, fileHelp);
    const { InferenceSession } = await loadOrt();
    // By its path: large models keep their weights in files beside it. Nobody differentiates it, so onnxruntime may rewrite it freely.
    const session = await InferenceSession.create(file, {
      ...sessionOptions(),
      graphOptimizationLevel: "all",
    }).catch((error: unknown) => {
      throw new RuntimeFault(
        `not a model that onnxruntime can load: ${reasonOf(error).split("\n")[0]}`,
        file,
        ["export it again, or copy it again: it may be cut off"],
        error,
      );
    });
    try {
      const batch = batchOf(file, session, side);
      const asked = outputsOf(file, session, info.fields);
      const piece = { size: batch ?? most, fixed: batch !== undefined };
      return new Encoder(reads, file, session, asked, preparation, piece);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** The outputs for pictures [n, 3, row, col] in 0..1, by the names of the spec. */
  async encode(pixels: HostTensor): Promise<Batch> {
    const [count = 0] = pixels.shape;
    const { size, fixed } = this.piece;
    const outputs = this.asked.map(({ info }) => {
      const shape = [count, ...info.shape.slice(1)];
      return { info, tensor: { dtype: "float", shape, data: new Float32Array(sizeOf(shape)) } as const };
    });
    for (let first = 0; first < count; first += size) {
      const wanted = Math.min(size, count - first);
      const results = await this.run(pixels, first, wanted, fixed ? size : wanted);
      this.asked.forEach(({ name, info }, i) => {
        const data = this.checked(results[name], name, info, fixed ? size : wanted);
        const width = sizeOf(info.shape.slice(1));
        outputs[i]?.tensor.data.set(data.subarray(0, wanted * width), first * width);
      });
    }
    return new Map(outputs.map(({ info, tensor }) => [info.field, tensor]));
  }

  async close(): Promise<void> {
    await this.session.release();
  }

  /** Pictures `first .. first + count - 1`, and black ones behind them up to `padded`. */
  private async run(
    pixels: HostTensor,
    first: number,
    count: number,
    padded: number,
  ): Promise<InferenceSession.OnnxValueMapType> {
    const { side, method, mean, std } = this.preparation;
    const [, channels = 3, height = 0, width = 0] = pixels.shape;
    const each = channels * height * width;
    const part = pixels.data.subarray(first * each, (first + count) * each);
    const resized = resample(part, { planes: count * channels, height, width }, side, method);
    const plane = side * side;
    const input = new Float32Array(padded * channels * plane);
    for (let p = 0; p < count * channels; p++) {
      const less = mean[p % channels] ?? 0;
      const by = std[p % channels] ?? 1;
      for (let i = p * plane; i < (p + 1) * plane; i++) input[i] = ((resized[i] ?? 0) - less) / by;
    }
    const ort = await loadOrt();
    const name = this.session.inputNames[0] ?? "";
    return this.session
      .run({ [name]: new ort.Tensor("float32", input, [padded, channels, side, side]) })
      .catch((error: unknown) => {
        throw new RuntimeFault(`the encoder failed: ${reasonOf(error).split("\n")[0]}`, this.file, [], error);
      });
  }

  private checked(value: Tensor | undefined, name: string, info: FieldInfo, rows: number): Float32Array {
    if (!(value?.data instanceof Float32Array))
      throw new RuntimeFault(
        `the encoder gives ${value?.type ?? "nothing"}, and 32-bit floats are read`,
        `${this.file}, output ${name}`,
        ["export it in 32 bits"],
      );
    checkShape(this.file, name, info, value.dims, rows);
    return value.data;
  }
}

/** The number of pictures that the input of the file fixes, if it does. */
function batchOf(file: string, session: InferenceSession, side: number): number | undefined {
  const [input, ...others] = session.inputMetadata;
  if (!input?.isTensor || others.length > 0)
    throw new RuntimeFault(`an encoder has one input, and this has ${session.inputNames.join(", ") || "none"}`, file, [
      "export it with the pictures alone as input",
    ]);
  const where = `${file}, input ${input.name}`;
  if (input.type !== "float32")
    throw new RuntimeFault(`the encoder takes ${input.type}, and is given 32-bit floats`, where, [
      "export it in 32 bits",
    ]);
  const wanted = [undefined, 3, side, side];
  const differs = (d: number | string, i: number) => typeof d === "number" && d > 0 && i > 0 && d !== wanted[i];
  if (input.shape.length !== 4 || input.shape.some(differs))
    throw new RuntimeFault(
      `the encoder takes [${input.shape.join(", ")}], and is given [batch, 3, ${side}, ${side}]`,
      where,
      ["change `input` in the spec to the size that the encoder was exported for"],
    );
  const [batch] = input.shape;
  return typeof batch === "number" && batch > 0 ? batch : undefined;
}

function outputsOf(file: string, session: InferenceSession, fields: readonly FieldInfo[]): Asked[] {
  const names = session.outputNames;
  const known = fields.filter((f) => names.includes(f.field));
  const asked = fields.map((info, i): Asked => {
    const name = known.length > 0 ? names.find((n) => n === info.field) : names[i];
    if (name !== undefined) return { name, info };
    const near = nearest(info.field, names);
    throw new RuntimeFault(
      `the encoder has no output \`${info.field}\`; it has ${names.map((n) => `\`${n}\``).join(", ")}`,
      file,
      near
        ? [`did you mean \`${near}\`?`]
        : ["outputs are found by name, or in order where none of the names is known"],
    );
  });
  for (const { name, info } of asked) {
    const meta = session.outputMetadata.find((m) => m.name === name);
    // What the file leaves open is checked when it has run. A file that says nothing of a shape has an empty one.
    if (meta?.isTensor && meta.shape.length > 0) checkShape(file, name, info, meta.shape, undefined);
  }
  return asked;
}

function checkShape(
  file: string,
  name: string,
  info: FieldInfo,
  has: readonly (number | string)[],
  rows: number | undefined,
): void {
  const wanted = [rows, ...info.shape.slice(1)];
  const fits = (d: number | string, i: number) =>
    typeof d === "string" || d <= 0 || wanted[i] === undefined || d === wanted[i];
  if (has.length === wanted.length && has.every(fits)) return;
  const more = has.length === wanted.length && Number(has[1]) === Number(wanted[1]) + 1;
  throw new RuntimeFault(
    `\`${info.field}\` is [${has.join(", ")}] in the file, and [${info.axes
      .map((axis, i) => (i === 0 ? axis : `${axis}: ${info.shape[i]}`))
      .join(", ")}] in the spec`,
    `${file}, output ${name}`,
    [
      more
        ? "one row more is the class token: export the patches alone"
        : `say the sizes that the encoder has: \`${info.field}: [${info.axes
            .slice(1)
            .map((axis, i) => `${axis}: ${has[i + 1] ?? "?"}`)
            .join(", ")}]\``,
    ],
  );
}
