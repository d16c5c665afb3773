import { Argument, type Command } from "commander";
import { ExitCode } from "../exit-codes.js";
import { onInterrupt } from "../interrupt.js";
import { printLine, say } from "../output.js";
import { Progress } from "../progress.js";

interface Options {
  readonly cuda?: true;
  readonly force?: true;
}

const about = `
Needs Linux (x64, arm64), Node 20 or 22, npm, python3 with pip, g++, a network, and 2.5 GB of disk while it builds; 10 GB with --cuda.
The folder is DIT_CACHE, else $XDG_CACHE_HOME/ditlang, else ~/.cache/ditlang. Nothing else on the machine changes: to remove the
engine, remove the folder. A call after an interrupted one goes on where that was.`;

export function engine(program: Command): void {
  const group = program.command("engine").summary("install an engine that npm alone does not bring");
  group
    .command("install")
    .summary("download and build an engine into a cache folder of yours")
    .description(
      "Builds the binding of @tensorflow/tfjs-node-gpu with a current TensorFlow library, in a folder of yours, and prints the folder.",
    )
    .addArgument(new Argument("<name>", "the engine").choices(["tensorflow"]))
    .option("--cuda", "the library for NVIDIA's GPUs, with CUDA; not tried on a GPU yet")
    .option("--force", "build anew what is there")
    .addHelpText("after", about)
    .action((_: string, options: Options) => runInstall(options));
}

async function runInstall({ cuda, force }: Options): Promise<void> {
  const { installTensorflow } = await import("../../runtime/engines/tensorflow/install/install.js");
  const progress = new Progress();
  const interrupt = onInterrupt(() => progress.say("stopping; Ctrl-C again does not wait"));
  try {
    const { folder, outcome } = await installTensorflow({
      variant: cuda ? "cuda" : "cpu",
      force,
      events: progress,
      signal: interrupt.signal,
    });
    progress.end();
    if (outcome === "interrupted") {
      process.exitCode = ExitCode.interrupted;
      return say("stopped; the same command goes on from here");
    }
    if (outcome === "there already") say("it is there already; --force builds it anew");
    printLine(folder);
  } finally {
    progress.end();
    interrupt.release();
  }
}
