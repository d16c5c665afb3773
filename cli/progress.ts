/** One line that is rewritten where a person watches, and a line every few seconds where a file does. */
import type { WriteStream } from "node:tty";

const rewriteAfter = 100;
const lineAfter = 5000;

export class Progress {
  private last = performance.now();
  /** What stands on the line that is being rewritten, or what was not worth a line yet. */
  private pending = "";

  constructor(private readonly stream: NodeJS.WriteStream | WriteStream = process.stderr) {}

  update(text: string): void {
    const now = performance.now();
    const due = now - this.last >= (this.stream.isTTY ? rewriteAfter : lineAfter);
    this.pending = text;
    if (!due) return;
    this.last = now;
    if (this.stream.isTTY) this.rewrite(text);
    else this.flush();
  }

  /** Something else to say: the line makes room for it. */
  say(text: string): void {
    if (this.stream.isTTY) this.stream.write("\r\u001b[2K");
    this.stream.write(`${text}\n`);
    if (this.stream.isTTY && this.pending) this.rewrite(this.pending);
  }

  /** The last state, for good. */
  end(): void {
    if (this.stream.isTTY && this.pending) this.rewrite(this.pending);
    if (this.stream.isTTY && this.pending) this.stream.write("\n");
    else if (this.pending) this.flush();
    this.pending = "";
  }

  private flush(): void {
    this.stream.write(`${this.pending}\n`);
    this.pending = "";
  }

  private rewrite(text: string): void {
    this.stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, (this.stream.columns ?? 80) - 1))}`);
  }
}
