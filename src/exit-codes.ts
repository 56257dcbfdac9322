/** The exit codes of the program: what scripts may rely on. The one table; `docs/exit-codes.md` is generated from it. */
export const exitCodes = {
  done: { code: 0, meaning: 'every row accepted; query complete; sync: nothing left over' },
  failed: { code: 1, meaning: 'the run failed, or the outcome of some rows is unknown; stderr says how to go on' },
  usage: { code: 2, meaning: 'wrong option, file, object, column, field or query; nothing was written' },
  rejected: { code: 3, meaning: 'finished, but some rows were rejected or left unprocessed; sync: or conflicts wait' },
  denied: { code: 4, meaning: 'could not log in, or not allowed' },
  unfinished: { code: 5, meaning: 'not finished: time over, interrupted, or a limit reached; sfbulk resume goes on' },
} as const satisfies Record<string, { code: number; meaning: string }>

export type ExitName = keyof typeof exitCodes
export type ExitCode = (typeof exitCodes)[ExitName]['code']
