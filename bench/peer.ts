/** A process that answers each line it is sent with one line of JSON; it first says one line of facts. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class Peer {
  private readonly waiting: ((line: string) => void)[] = [];
  private readonly early: string[] = [];
  private readonly child: ChildProcess;

  constructor(
    readonly command: string,
    args: readonly string[],
  ) {
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (!this.child.stdout) throw new Error("no output to read");
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const next = this.waiting.shift();
      if (next) next(line);
      else this.early.push(line);
    });
    this.child.on("exit", (code) => {
      if (code) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
    });
  }

  async answer(): Promise<unknown> {
    const line = this.early.shift() ?? (await new Promise<string>((resolve) => this.waiting.push(resolve)));
    return JSON.parse(line);
  }

  async ask(line: string): Promise<unknown> {
    this.child.stdin?.write(`${line}\n`);
    return this.answer();
  }

  end(): void {
    this.child.stdin?.end();
  }
}
