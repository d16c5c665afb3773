/** The table of commands; each lives in a file of its own and loads what it needs when it runs. */
import { Command, CommanderError } from "commander";
import { check } from "./commands/check.js";
import { compile } from "./commands/compile.js";
import { cost } from "./commands/cost.js";
import { doctor } from "./commands/doctor.js";
import { engine } from "./commands/engine.js";
import { explain } from "./commands/explain.js";
import { fmt } from "./commands/fmt.js";
import { graph } from "./commands/graph.js";
import { init } from "./commands/init.js";
import { resolve } from "./commands/resolve.js";
import { sample } from "./commands/sample.js";
import { train } from "./commands/train.js";
import { verify } from "./commands/verify.js";
import { weights } from "./commands/weights.js";
import { ExitCode } from "./exit-codes.js";
import { Failure } from "./failure.js";
import { version } from "./package.js";

const commands = [
  init,
  check,
  fmt,
  explain,
  resolve,
  cost,
  graph,
  compile,
  train,
  sample,
  verify,
  weights,
  doctor,
  engine,
];

const codes = `
Exit codes: 0 clean; 1 a bug in dit; 2 could not run; 3 declined; 4 errors in a spec; 5 more warnings than allowed;
6 not formatted; 7 stale output.`;

export async function run(args: readonly string[]): Promise<void> {
  const program = new Command("dit")
    .description("Checks, compiles, trains and draws diffusion transformers written in .dit")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showHelpAfterError("(dit --help lists the commands)")
    .addHelpText("after", codes)
    .exitOverride();
  for (const add of commands) {
    add(program);
    program.commands
      .at(-1)
      ?.exitOverride()
      .showHelpAfterError(`(dit ${program.commands.at(-1)?.name()} --help says more)`);
  }
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its message; help and version asked for are no error.
    if (error.exitCode !== 0) throw new Failure(ExitCode.couldNotRun, "");
  }
}
