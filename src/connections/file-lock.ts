import { open, readFile, rename, rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { RunError } from '../errors.ts'

/** Long enough for a login that the service answers late. */
const longestWait = 120_000
const pollInterval = 25

/**
 * Does the work while no other process does work under the same lock. The lock is a file that holds the process id; one
 * that a process left behind when it died is taken away. Throws `RunError` when the lock is not free within two minutes.
 */
export async function withFileLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const giveUpAt = Date.now() + longestWait
  while (!(await take(path))) {
    if (Date.now() > giveUpAt) {
      throw new RunError(`another sfbulk has held ${path} for two minutes`, {
        code: 'LOCKED',
        hint: 'wait for it to end; if none runs, delete that file',
      })
    }
    await removeDead(path)
    await wait(pollInterval)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Two processes may find the same dead lock: the one that renames it has it, and puts back what was none. */
async function removeDead(path: string): Promise<void> {
  const owner = await readOwner(path)
  if (owner === undefined || isAlive(owner)) return
  const aside = `${path}.${process.pid}`
  try {
    await rename(path, aside)
    if ((await readOwner(aside)) === owner) await rm(aside, { force: true })
    else await rename(aside, path)
  } catch {
    // Somebody else was faster.
  }
}

/** Undefined for a lock that is gone, or whose process id has not been written yet. */
async function readOwner(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** A process of another user is alive, too, although it takes no signal. */
function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
