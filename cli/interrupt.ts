/** Ctrl-C: the first asks for an orderly end, the second does not wait. */
import { ExitCode } from "./exit-codes.js";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Signals end the process again, as usual. */
  release(): void;
}

export function onInterrupt(said: () => void): Interrupt {
  const controller = new AbortController();
  const ask = () => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    controller.abort();
    said();
  };
  process.on("SIGINT", ask).on("SIGTERM", ask);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", ask).off("SIGTERM", ask);
    },
  };
}
