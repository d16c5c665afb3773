/** Several runs of a function in one model: what one run gives of its state, the next takes. */
import type { Rolled } from "../../passes/roll.js";
import { inputName, lowerGraph, outputName } from "./emit.js";
import { encodeModel, type FixedPort, type Initializer, type Node, type Port } from "./model.js";

export interface LoopOptions {
  /** Parameter by result: the result of one run is the parameter of the next. */
  readonly carried: ReadonlyMap<number, number>;
  /** Parameters that are the same in all runs. */
  readonly kept: ReadonlySet<number>;
}

/** Input: how many runs, at least one. */
export const runsName = "runs";
/** Input: the carried parameter in the first run. */
export const firstName = (param: number): string => `first${param}`;
/** Input: the parameter in each run; its first dimension counts them. */
export const eachName = (param: number): string => `each${param}`;
/** Output: the result, of the last run if it is carried, else of all, its first dimension counting them. */
export const lastName = (result: number): string => `last.${outputName(result)}`;

export interface Loop {
  /** Kept parameters are inputs under the names that `emitOnnx` gives them. */
  readonly model: Uint8Array;
  /** The shape in which the model takes and gives a carried tensor, by parameter: its own, or another of the same elements. */
  readonly shapes: ReadonlyMap<number, readonly number[]>;
}

/** An ONNX model that runs a function without calls (other than loops of its own) as often as its input `runs` says. */
export function emitLoop({ main: fn, repeats }: Rolled, { carried, kept }: LoopOptions): Loop {
  // A carried tensor goes round in the shape in which it is made: a reshape at the end of a body is a copy, one at its start is none.
  const body = lowerGraph(fn, { anyShape: true, repeats });
  const resultOf = new Map([...carried].map(([result, param]) => [param, result]));
  const shapes = new Map<number, readonly number[]>();
  const inputs: Port[] = [{ name: runsName, type: "int64", shape: [] }];
  const nodes: Node[] = [];
  const initializers: Initializer[] = [];
  body.inputs.forEach((port, param) => {
    const result = resultOf.get(param);
    const made = result === undefined ? undefined : body.outputs[result];
    if (made) {
      shapes.set(param, made.shape);
      inputs.push({ ...port, name: firstName(param), shape: made.shape });
      const target = list(`${stateName(param)}.shape`, port.shape);
      initializers.push(target);
      nodes.push(node("Reshape", [stateName(param), target.name], [port.name]));
    } else if (kept.has(param)) inputs.push(port);
    else {
      inputs.push({ ...port, name: eachName(param), shape: [runsName, ...port.shape] });
      nodes.push(node("Gather", [eachName(param), "run"], [port.name]));
    }
  });
  const states = [...carried].map(([result, param]) => ({ made: at(body.outputs, result), param, result }));
  const others = body.outputs.flatMap((made, result) => (carried.has(result) ? [] : [{ made, result }]));
  const loop: Node = {
    ...node(
      "Loop",
      [runsName, "", ...states.map(({ param }) => firstName(param))],
      [...states, ...others].map(({ result }) => lastName(result)),
    ),
    attributes: {
      body: {
        graph: {
          name: "run",
          nodes: [...nodes, ...body.nodes, node("Identity", ["more"], ["further"])],
          initializers: [...initializers, ...body.initializers],
          inputs: [
            { name: "run", type: "int64", shape: [] },
            { name: "more", type: "bool", shape: [] },
            ...states.map(({ made, param }) => ({ ...made, name: stateName(param) })),
          ],
          outputs: [{ name: "further", type: "bool", shape: [] }, ...[...states, ...others].map(({ made }) => made)],
        },
      },
    },
  };
  const outputs: Port[] = body.outputs.map((made, result) => ({
    ...made,
    name: lastName(result),
    shape: carried.has(result) ? made.shape : [runsName, ...made.shape],
  }));
  return { model: encodeModel({ name: fn.name, nodes: [loop], initializers: [], inputs, outputs }), shapes };
}

/** The carried parameter in the run at hand, in the shape in which it goes round. */
function stateName(param: number): string {
  return `state.${inputName(param)}`;
}

function node(type: string, inputs: readonly string[], outputs: readonly string[]): Node {
  return { type, domain: "", inputs, outputs, attributes: {} };
}

function list(name: string, values: readonly number[]): Initializer {
  return {
    name,
    type: "int64",
    shape: [values.length],
    raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  };
}

function at(ports: readonly FixedPort[], i: number): FixedPort {
  const port = ports[i];
  if (!port) throw new Error(`no port ${i}`);
  return port;
}
