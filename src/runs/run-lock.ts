import { randomUUID } from 'node:crypto'
import { link, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RunError } from '../errors.ts'
import { isProcessAlive } from '../is-process-alive.ts'

export interface RunLock {
  release(): Promise<void>
}

/**
 * Makes this process the only one that works on a run, for as long as it lives. Throws `RunError` with code `RUN_BUSY` that
 * says who holds it.
 *
 * A lock that the system takes back from a dead process needs native code (`sqlite/lock-file.ts`), which a load has no other use
 * for, and tells nobody who holds it. So the lock names its holder: process number and the time at which that began, since
 * numbers are given out again. Each holder makes a new file `lock-N`, linked into place whole; of two that find the same dead
 * holder one alone can make the next number. The file of one that has let go stays, emptied, so that numbers only rise: were it
 * taken away, some would begin again at 1 while others have gone on.
 */
export async function lockRun(folder: string, run: string): Promise<RunLock> {
  const own = await describeProcess(process.pid)
  const draft = join(folder, `lock.${randomUUID()}`)
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 })
  try {
    for (;;) {
      const latest = await latestLock(folder)
      const holder = latest === 0 ? undefined : await readHolder(lockPath(folder, latest))
      if (holder !== undefined && (await isAlive(holder))) throw busy(run, holder)
      const path = lockPath(folder, latest + 1)
      if (!(await linkOnce(draft, path))) continue
      for (let number = 1; number < latest; number++) await rm(lockPath(folder, number), { force: true })
      return { release: () => truncate(path).catch(unlessGone) }
    }
  } finally {
    await rm(draft, { force: true })
  }
}

/** The process that works on a run now; undefined when none does. */
export async function findHolder(folder: string): Promise<number | undefined> {
  const latest = await latestLock(folder)
  const holder = latest === 0 ? undefined : await readHolder(lockPath(folder, latest))
  return holder !== undefined && (await isAlive(holder)) ? holder.pid : undefined
}

interface Holder {
  readonly pid: number
  /** The system's own words for when the process began; null where it does not tell. */
  readonly began: string | null
}

function lockPath(folder: string, number: number): string {
  return join(folder, `lock-${number}`)
}

async function latestLock(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  return Math.max(0, ...names.map((name) => Number(/^lock-(\d+)$/.exec(name)?.[1] ?? 0)))
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    // It has let go.
    return undefined
  }
}

/** The record of the run may have been deleted. */
function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

async function linkOnce(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (!isProcessAlive(`${holder.pid}`)) return false
  const now = await describeProcess(holder.pid)
  return holder.began === null || now.began === null || now.began === holder.began
}

/** Source: proc(5), field 22 of `stat`: ticks from the start of the system, which has an id of its own. */
async function describeProcess(pid: number): Promise<Holder> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name of the program may hold spaces and parentheses; the fields behind it do not.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return { pid, began: `${boot.trim()} ${ticks}` }
  } catch {
    return { pid, began: null }
  }
}

function busy(run: string, { pid }: Holder): RunError {
  return new RunError(`process ${pid} is at work on run ${run}`, {
    code: 'RUN_BUSY',
    hint: `wait for it to end, or stop it first: kill ${pid}`,
  })
}
