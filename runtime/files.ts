/** Writing that a crash cannot leave half done. */

import { createHash } from "node:crypto";
import { closeSync, createReadStream, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode, RuntimeFault, reasonOf } from "./fault.js";
import { JsonError, parseJson } from "./json.js";

/** Replaces a file as a whole: after a crash there is the old content or the new one. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const draft = `${file}.writing-${process.pid}`;
  writeFileSync(draft, content);
  syncPath(draft);
  renameSync(draft, file);
  syncPath(dirname(file));
}

/** Makes a file, or the entries of a folder, survive a loss of power. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some file systems and Windows do not sync folders; the rename itself is still atomic there.
    if (!hasCode(error, "EPERM") && !hasCode(error, "EINVAL") && !hasCode(error, "EISDIR")) throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The bytes of a file, or a fault that names it. */
export function readBytes(file: string, help: readonly string[] = []): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const what = hasCode(error, "ENOENT") ? "there is no such file" : `the file cannot be read: ${reasonOf(error)}`;
    throw new RuntimeFault(what, file, help, error);
  }
}

/** The text of a file, or a fault that names it. */
export function readText(file: string, help: readonly string[] = []): string {
  return readBytes(file, help).toString("utf8");
}

/** The JSON value of a file, or a fault that names the byte. */
export function readJson(file: string, help: readonly string[] = []): unknown {
  const text = readText(file, help);
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError)
      throw new RuntimeFault("the file is not JSON", `${file}, byte ${error.byte}`, help, error);
    throw error;
  }
}

/** Hex sha256 and size of a file, read in pieces. */
export async function digestFile(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const piece = chunk as Buffer;
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** A file open for reading, or a fault that names it. */
export async function openFile(file: string): Promise<FileHandle> {
  return open(file, "r").catch((error: unknown) => {
    const what = hasCode(error, "ENOENT") ? "there is no such file" : `the file cannot be opened: ${reasonOf(error)}`;
    throw new RuntimeFault(what, file, [], error);
  });
}

/** `length` bytes of an open file, all of them. */
export async function readRange(
  handle: FileHandle,
  file: string,
  from: number,
  length: number,
  help: readonly string[],
): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    // One read call takes at most 2 GiB.
    const { bytesRead } = await handle.read(buffer, done, Math.min(length - done, 2 ** 30), from + done);
    if (bytesRead === 0)
      throw new RuntimeFault("the file ended while it was read", `${file}, byte ${from + done}`, help);
    done += bytesRead;
  }
  return buffer;
}
