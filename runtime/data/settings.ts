/** Reading the settings of a data declaration out of a plan. The compiler has checked them; a plan file may have been edited since. */
import { isAbsolute, resolve } from "node:path";
import type { SourceInfo } from "../../compiler/plan/plan.js";
import { RuntimeFault } from "../fault.js";

export class Settings {
  constructor(private readonly info: SourceInfo) {}

  text(key: string, otherwise?: string): string {
    const value = this.info.settings[key] ?? otherwise;
    return typeof value === "string" ? value : this.fail(key, "a string", value);
  }

  number(key: string, otherwise?: number): number {
    const value = this.info.settings[key] ?? otherwise;
    return typeof value === "number" ? value : this.fail(key, "a number", value);
  }

  /** One number a channel, red first. */
  channels(key: string): readonly [number, number, number] {
    const value = this.info.settings[key];
    if (!Array.isArray(value) || value.length !== 3) return this.fail(key, "a list of three numbers", value);
    const [r, g, b]: unknown[] = value;
    if (typeof r !== "number" || typeof g !== "number" || typeof b !== "number")
      return this.fail(key, "a list of three numbers", value);
    return [r, g, b];
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.info.settings[key] ?? otherwise;
    return typeof value === "boolean" ? value : this.fail(key, "true or false", value);
  }

  /** A path, made absolute from the folder of the spec. */
  path(base: string | undefined, key = "path"): string {
    const path = this.text(key);
    return isAbsolute(path) ? path : resolve(base ?? ".", path);
  }

  /** The shape of one sample of a field as the plan has it. */
  shapeOf(field: string): readonly number[] {
    const found = this.info.fields.find((f) => f.field === field);
    if (!found) throw new RuntimeFault(`the plan lists no field \`${field}\``, this.where, ["compile the plan again"]);
    return found.shape.slice(1);
  }

  get where(): string {
    return `${this.info.reads ? "encoder" : "data"} ${this.info.name}`;
  }

  private fail(key: string, wanted: string, value: unknown): never {
    throw new RuntimeFault(
      `\`${key}\` has to be ${wanted}, and is ${JSON.stringify(value) ?? "missing"}`,
      `${this.where}, key ${key}`,
      ["compile the plan again"],
    );
  }
}
