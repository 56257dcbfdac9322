import { setTimeout as wait } from 'node:timers/promises'
import { RunError } from '../errors.ts'

/** Long enough for a login that the service answers late. */
const longestWait = 120_000
const pollInterval = 25

/**
 * Does the work while no other process does work under the same lock, which ends with its process. Throws `RunError` when it
 * is not free within two minutes.
 */
export async function withFileLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  // Native code, which most commands need not load.
  const { lockFile } = await import('../sqlite/lock-file.ts')
  const giveUpAt = Date.now() + longestWait
  let lock = lockFile(path)
  while (lock === undefined) {
    if (Date.now() > giveUpAt) {
      throw new RunError(`another sfbulk has held ${path} for two minutes`, {
        code: 'LOCKED',
        hint: 'wait for it to end, or end it, and try again',
      })
    }
    await wait(pollInterval)
    lock = lockFile(path)
  }
  try {
    return await work()
  } finally {
    lock.release()
  }
}
