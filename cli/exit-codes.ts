/** What a command ends with. Findings about a spec are not failures of the tool: scripts can tell them apart. */
export const ExitCode = {
  clean: 0,
  /** A bug of ours. */
  bug: 1,
  /** The command could not do its job: a wrong option, a missing file, no engine. */
  couldNotRun: 2,
  /** The command would have destroyed something and was not asked to. */
  declined: 3,
  specErrors: 4,
  tooManyWarnings: 5,
  notFormatted: 6,
  stale: 7,
  /** Ended by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
