/** Says which part of a file of a checkpoint is not what was written. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { RuntimeFault } from "../fault.js";
import { Safetensors } from "./safetensors.js";
import type { Written } from "./safetensors-writer.js";

/** The fault for a file whose checksum is wrong, naming the first tensor that differs and its bytes if the header still can be read. */
export async function findDamage(
  file: string,
  written: Written,
  bytes: number,
  help: readonly string[],
): Promise<RuntimeFault> {
  if (bytes !== written.bytes) {
    const what = `the file has ${bytes} bytes, ${written.bytes} were written`;
    return new RuntimeFault(what, `${file}, byte ${Math.min(bytes, written.bytes)}`, help);
  }
  let source: Safetensors;
  try {
    source = await Safetensors.open(file);
  } catch (error) {
    if (error instanceof RuntimeFault)
      return new RuntimeFault(`the file is damaged: ${error.what}`, error.where, help, error);
    throw error;
  }
  try {
    for (const entry of source.entries.values()) {
      if ((await rangeDigest(file, entry.begin, entry.end)) === written.tensors[entry.name]) continue;
      return new RuntimeFault(
        `the file is damaged: \`${entry.name}\` is not what was written`,
        `${file}, key ${entry.name}, bytes ${entry.begin}..${entry.end - 1}`,
        help,
      );
    }
    return new RuntimeFault("the header of the file is not what was written", `${file}, byte 8`, help);
  } finally {
    await source.close();
  }
}

async function rangeDigest(file: string, begin: number, end: number): Promise<string> {
  const hash = createHash("sha256");
  if (end > begin)
    for await (const chunk of createReadStream(file, { start: begin, end: end - 1 })) hash.update(chunk as Buffer);
  return hash.digest("hex").slice(0, 16);
}
