/**
 * One function of the graph that is being built, and what it asks of its caller. The main frame turns weights, draws, fields into parameters
 * of the program. An outlined frame (a block that is called many times) turns them into parameters of the function, remembered by path
 * relative to the instance, so that each call can hand over its own.
 */
import { FnBuilder } from "../ir/builder.js";
import { type Fn, type Value as Node, tensor } from "../ir/graph.js";
import type { DrawInfo, FieldInfo, FieldRef, Input, WeightInfo } from "../plan/plan.js";
import type { Axis } from "./axes.js";
import { namesOf, shapeOf } from "./axes.js";

export type Need =
  | { readonly kind: "weight"; readonly path: string; readonly info: WeightInfo }
  | { readonly kind: "draw"; readonly path: string; readonly info: DrawInfo; readonly axes: readonly Axis[] }
  | { readonly kind: "step" }
  | { readonly kind: "index"; readonly size: number };

export interface Frame {
  readonly builder: FnBuilder;
  /** The value of a weight by its full path; `average` names the averaged copy that is meant. */
  weight(info: WeightInfo, average: string | undefined): Node;
  draw(info: DrawInfo, axes: readonly Axis[]): Node;
  step(): Node;
  index(size: number): Node;
  field(info: FieldInfo): Node;
  /** The field of data that a value is, unchanged; `undefined` for what is computed. */
  fieldOf(node: Node): FieldInfo | undefined;
  /** Notes what an encoder reads, by its path; gives what it reads already if it was called before. */
  encode(encoder: string, reads: FieldRef): FieldRef;
  state(path: string, shape: readonly number[], axes: readonly string[], init: number): Node;
}

/** The parameters of a program, made when they are first read. */
export class MainFrame implements Frame {
  readonly builder: FnBuilder;
  readonly inputs: Input[] = [];
  readonly draws = new Map<string, DrawInfo>();
  readonly fields = new Map<string, FieldInfo>();
  /** What each encoder reads, by its path. */
  readonly encoded = new Map<string, FieldRef>();
  readonly states = new Map<string, { shape: readonly number[]; axes: readonly string[]; init: number }>();
  /** Weights that were read, in order, by path. */
  readonly read = new Map<string, WeightInfo>();
  private readonly nodes = new Map<string, Node>();
  private readonly fieldNodes = new Map<Node, FieldInfo>();

  constructor(name: string, fns: Map<string, Fn>) {
    this.builder = new FnBuilder(name, fns);
  }

  private param(key: string, input: Input, make: () => Node): Node {
    let node = this.nodes.get(key);
    if (!node) {
      node = make();
      this.nodes.set(key, node);
      this.inputs.push(input);
    }
    return node;
  }

  weight(info: WeightInfo, average: string | undefined): Node {
    if (average === undefined) this.read.set(info.path, info);
    const input: Input =
      average === undefined ? { role: "weight", path: info.path } : { role: "average", path: info.path, average };
    return this.param(`weight ${average ?? ""} ${info.path}`, input, () =>
      this.builder.param(tensor(info.shape, info.axes), average === undefined ? info.path : `${average}.${info.path}`),
    );
  }

  draw(info: DrawInfo, axes: readonly Axis[]): Node {
    this.draws.set(info.path, info);
    return this.param(`draw ${info.path}`, { role: "draw", path: info.path }, () =>
      this.builder.param(tensor(shapeOf(axes), namesOf(axes), info.law === "index" ? "index" : "float"), info.path),
    );
  }

  step(): Node {
    return this.param("step", { role: "step" }, () => this.builder.param(tensor([], []), "step"));
  }

  index(size: number): Node {
    return this.param("index", { role: "index" }, () =>
      this.builder.param(tensor([size], ["count"], "index"), "index"),
    );
  }

  field(info: FieldInfo): Node {
    const key = `${info.instance}.${info.field}`;
    this.fields.set(key, info);
    const node = this.param(`field ${key}`, { role: "field", instance: info.instance, field: info.field }, () =>
      this.builder.param(tensor(info.shape, info.axes, info.dtype), key),
    );
    this.fieldNodes.set(node, info);
    return node;
  }

  fieldOf(node: Node): FieldInfo | undefined {
    return this.fieldNodes.get(node);
  }

  encode(encoder: string, reads: FieldRef): FieldRef {
    const before = this.encoded.get(encoder);
    if (before) return before;
    this.encoded.set(encoder, reads);
    return reads;
  }

  state(path: string, shape: readonly number[], axes: readonly string[], init: number): Node {
    this.states.set(path, { shape, axes, init });
    return this.param(`state ${path}`, { role: "state", path }, () => this.builder.param(tensor(shape, axes), path));
  }
}

/** Raised where something asks for what an outlined function cannot have; the call is then elaborated in place. */
export class NotOutlinable extends Error {}

export class OutlinedFrame implements Frame {
  readonly builder: FnBuilder;
  /** In order of the parameters that follow the arguments. */
  readonly needs: Need[] = [];
  private readonly nodes = new Map<string, Node>();

  constructor(
    name: string,
    fns: Map<string, Fn>,
    /** Path of the instance the function belongs to: needs are kept relative to it. */
    private readonly weightRoot: string,
    private readonly drawRoot: string,
  ) {
    this.builder = new FnBuilder(name, fns);
  }

  private readonly listeners: ((need: Need) => void)[] = [];

  /** A tap read later may need one more weight: the calls that were made hand it over too. */
  onNeed(listener: (need: Need) => void): void {
    this.listeners.push(listener);
  }

  private need(key: string, make: () => { need: Need; node: Node }): Node {
    let node = this.nodes.get(key);
    if (!node) {
      const made = make();
      node = made.node;
      this.needs.push(made.need);
      this.nodes.set(key, node);
      for (const l of this.listeners) l(made.need);
    }
    return node;
  }

  weight(info: WeightInfo, average: string | undefined): Node {
    if (average !== undefined || !info.path.startsWith(`${this.weightRoot}.`)) throw new NotOutlinable();
    const path = info.path.slice(this.weightRoot.length + 1);
    return this.need(`weight ${path}`, () => ({
      need: { kind: "weight", path, info },
      node: this.builder.param(tensor(info.shape, info.axes), path),
    }));
  }

  draw(info: DrawInfo, axes: readonly Axis[]): Node {
    if (!info.path.startsWith(`${this.drawRoot}.`)) throw new NotOutlinable();
    const path = info.path.slice(this.drawRoot.length + 1);
    return this.need(`draw ${path}`, () => ({
      need: { kind: "draw", path, info, axes },
      node: this.builder.param(tensor(shapeOf(axes), namesOf(axes), info.law === "index" ? "index" : "float"), path),
    }));
  }

  step(): Node {
    return this.need("step", () => ({ need: { kind: "step" }, node: this.builder.param(tensor([], []), "step") }));
  }

  index(size: number): Node {
    return this.need("index", () => ({
      need: { kind: "index", size },
      node: this.builder.param(tensor([size], ["count"], "index"), "index"),
    }));
  }

  field(): Node {
    throw new NotOutlinable();
  }

  fieldOf(): FieldInfo | undefined {
    throw new NotOutlinable();
  }

  encode(): FieldRef {
    throw new NotOutlinable();
  }

  state(): Node {
    throw new NotOutlinable();
  }
}
