import { ExitCode } from "./exit-codes.js";

/** Ends a command with a message and a code; not a bug. Without a message all has been said already. */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    /** What to do about it. */
    readonly help: readonly string[] = [],
  ) {
    super(message);
  }
}

export function couldNotRun(message: string, ...help: string[]): Failure {
  return new Failure(ExitCode.couldNotRun, message, help);
}

export function declined(message: string, ...help: string[]): Failure {
  return new Failure(ExitCode.declined, message, help);
}
