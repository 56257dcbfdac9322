import { systemClock } from '../bulk/clock.ts'
import { ExpectedError, UsageError } from '../errors.ts'
import type { CommandCall, CommandResult } from './command.ts'
import type { OptionValues } from './option.ts'
import { runSyncCommand } from './run-sync.ts'
import type { syncWatchOptions } from './sync-options.ts'

/**
 * Syncs until the signal says stop. What only a person can mend (a wrong option, a refused login) ends it; anything else is
 * tried again, after pauses that double up to an hour.
 */
export async function run(call: CommandCall<OptionValues<typeof syncWatchOptions>>): Promise<CommandResult> {
  const { options, io, signal } = call
  const every = parsePause(options.every ?? '')
  let round = call
  let failures = 0
  let last: CommandResult = 0
  while (!signal.aborted) {
    last = await runSyncCommand('run', round).catch((error: unknown) => {
      if (error instanceof ExpectedError) return error
      throw error
    })
    if (signal.aborted) break
    if (last instanceof ExpectedError && !['failed', 'unfinished'].includes(last.exit)) return last
    failures = last instanceof ExpectedError ? failures + 1 : 0
    // One answer holds for all rounds.
    if (failures === 0) round = { ...call, options: { ...options, yes: true } }
    const pause = failures === 0 ? every : Math.min(longestPause, Math.max(every, every * 2 ** (failures - 1)))
    if (last instanceof ExpectedError && !options.quiet) {
      io.stderr.write(`${last.message}; the next try is in ${Math.ceil(pause / 1000)} s\n`)
    }
    await systemClock.sleep(pause, signal)
  }
  return last instanceof ExpectedError ? 0 : last
}

const longestPause = 3_600_000

/** `30s`, `5m`, `1h` in milliseconds. */
function parsePause(text: string): number {
  const [, number, unit] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? []
  const pause = Number(number) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[unit ?? ''] ?? Number.NaN)
  if (pause > 0) return pause
  throw new UsageError(`--every takes a time such as 30s, 5m or 1h, not ${JSON.stringify(text)}`, {
    code: 'OPTION_VALUE',
  })
}
