import type { StoredLibrary } from "./names/stored.js";

/**
 * Where texts come from. The compiler never touches a disk: a command line, an editor or a page in a browser gives it one of these. Paths
 * are whatever the host understands; the compiler only hands them back and joins them through `join`.
 */
export interface Host {
  /** The text of a spec, `undefined` if there is none that can be read. */
  readText(path: string): string | undefined;
  /** The files of the standard library: `parts.dit` to text. In messages they are `std/parts.dit`. */
  readStd(): ReadonlyMap<string, string>;
  /** The same as trees, if the host was built with them: reading is then skipped. Asked for once a host. */
  storedStd?(): StoredLibrary | undefined;
  /** The path that `use "./to.dit"` means in the file `from`. */
  join(from: string, to: string): string;
}
