/** The fields that programs read: of data instances by position in their streams, and of encoders, which see the pictures of those. */
import type { HostTensor } from "../../compiler/ir/host.js";
import type { FieldRef, SourceInfo } from "../../compiler/plan/plan.js";
import { RuntimeFault } from "../fault.js";
import { Encoder } from "./encoder.js";
import { type Batch, type DataSource, openSource } from "./source.js";

export interface FieldOptions {
  readonly seed: number;
  /** What relative paths in the plan count from. */
  readonly base: string | undefined;
  /** Data instances to use instead of opening them; whoever gives them closes them. */
  readonly given?: ReadonlyMap<string, DataSource> | undefined;
}

export class Fields {
  private readonly sources = new Map<string, DataSource>();
  private readonly encoders = new Map<string, Encoder>();
  /** Those opened here, which `close` closes. */
  private readonly own: { close(): Promise<void> }[] = [];

  private constructor() {}

  /** Opens what gives `wanted`, and nothing else: pictures are not even decoded if nobody looks at them. */
  static async open(infos: readonly SourceInfo[], wanted: Iterable<FieldRef>, options: FieldOptions): Promise<Fields> {
    const opened = new Fields();
    try {
      await opened.openAll(infos, wanted, options);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  private async openAll(
    infos: readonly SourceInfo[],
    wanted: Iterable<FieldRef>,
    { seed, base, given }: FieldOptions,
  ): Promise<void> {
    const infoOf = (instance: string): SourceInfo => {
      const info = infos.find((s) => s.name === instance);
      if (!info) throw new Error(`the plan has no source for ${instance}`);
      return info;
    };
    const fields = new Map<string, Set<string>>();
    const want = ({ instance, field }: FieldRef) => {
      fields.set(instance, (fields.get(instance) ?? new Set()).add(field));
    };
    for (const ref of wanted) {
      const reads = given?.has(ref.instance) ? undefined : infoOf(ref.instance).reads;
      if (!reads) {
        want(ref);
        continue;
      }
      want(reads);
      if (this.encoders.has(ref.instance)) continue;
      const encoder = await Encoder.open(infoOf(ref.instance), base);
      this.own.push(encoder);
      this.encoders.set(ref.instance, encoder);
    }
    for (const [instance, names] of fields) {
      let source = given?.get(instance);
      if (!source) {
        source = await openSource(infoOf(instance), { seed, base, fields: names });
        this.own.push(source);
      }
      this.sources.set(instance, source);
    }
  }

  /** Samples in an epoch of a data instance; 0 if nothing reads it. */
  sizeOf(instance: string): number {
    return this.sources.get(instance)?.size ?? 0;
  }

  /** Each field of `wanted` for the samples `position .. position + count - 1`, in order. */
  async read(wanted: readonly FieldRef[], position: number, count: number): Promise<HostTensor[]> {
    const batches = new Map<string, Batch>();
    const batch = async (instance: string): Promise<Batch> => {
      const before = batches.get(instance);
      if (before) return before;
      const encoder = this.encoders.get(instance);
      const made = encoder
        ? await encoder.encode(fieldOf(await batch(encoder.reads.instance), encoder.reads))
        : ((await this.sources.get(instance)?.batch(position, count)) ?? new Map());
      batches.set(instance, made);
      return made;
    };
    const values: HostTensor[] = [];
    for (const ref of wanted) values.push(fieldOf(await batch(ref.instance), ref));
    return values;
  }

  async close(): Promise<void> {
    await Promise.all(this.own.map((one) => one.close()));
  }
}

function fieldOf(batch: Batch, { instance, field }: FieldRef): HostTensor {
  const value = batch.get(field);
  if (value) return value;
  throw new RuntimeFault(`the data gives no \`${field}\``, `data ${instance}`);
}
