/** The canonical form of a file. A file with mistakes is left alone: what could not be read cannot be printed. */
import { CommentFeed } from "./comment-feed.js";
import type { Outcome } from "./diagnostic.js";
import { render } from "./doc.js";
import { parse } from "./parse.js";
import { ItemPrinter } from "./print-items.js";
import { scan } from "./scan.js";
import type { SourceFile } from "./source.js";

export function format(source: SourceFile): Outcome<string | undefined> {
  const { value: file, diagnostics } = parse(source);
  if (diagnostics.some(({ severity }) => severity === "error")) return { value: undefined, diagnostics };
  const feed = new CommentFeed(file, scan(source).tokens);
  const text = render(new ItemPrinter(feed).file(file));
  return { value: text === "" ? "" : `${text}\n`, diagnostics };
}
