import { readdir, stat } from 'node:fs/promises'
import { UsageError } from '../errors.ts'
import { readJournal } from './journal-file.ts'
import type { RunEntry } from './run-entries.ts'
import { journalPath, runFolder, runsFolder } from './run-folder.ts'
import { type RunHistory, replayRun } from './run-history.ts'
import { findHolder } from './run-lock.ts'

/** How far a run is: it has its account, a process is at work on it, or it waits to be carried on. */
export type RunState = 'finished' | 'running' | 'waiting'

export interface KnownRun {
  readonly history: RunHistory
  readonly state: RunState
  /** The process that is at work on it. */
  readonly pid: number | undefined
}

/** All runs, the latest first. Records that cannot be read are left out: they must not hide the others. */
export async function listRuns(home: string): Promise<readonly KnownRun[]> {
  const runs: KnownRun[] = []
  for (const run of await listRunIds(home)) {
    const known = await readRun(home, run, withoutAnswers).catch(() => undefined)
    if (known !== undefined) runs.push(known)
  }
  return runs
}

/** One run. Throws `UsageError` when its record cannot be read. */
export async function readRun(
  home: string,
  run: string,
  wanted: ReadonlySet<RunEntry['type']> = withoutAnswers,
): Promise<KnownRun> {
  const folder = runFolder(home, run)
  const history = replayRun(await readJournal(journalPath(folder), wanted))
  const pid = history.finished === undefined ? await findHolder(folder) : undefined
  return { history, pid, state: history.finished ? 'finished' : pid === undefined ? 'waiting' : 'running' }
}

/**
 * The whole id of a run by its beginning, or by `last`, which is also meant by none. Throws `UsageError` when there is none,
 * or more than one.
 */
export async function findRunId(home: string, given: string | undefined): Promise<string> {
  const ids = await listRunIds(home)
  if (given === undefined || given === 'last') {
    for (const id of ids) if (await hasBegun(home, id)) return id
    throw new UsageError('there are no runs yet', {
      code: 'NO_RUN',
      hint: 'runs are recorded by writes and by Bulk queries',
    })
  }
  const found = ids.filter((id) => id.startsWith(given))
  const [only] = found
  if (only !== undefined && (found.length === 1 || ids.includes(given))) return ids.includes(given) ? given : only
  throw new UsageError(found.length === 0 ? `there is no run ${given}` : `${found.length} runs begin with ${given}`, {
    code: 'NO_RUN',
    hint: found.length === 0 ? 'sfbulk runs lists them' : `name one of them: ${found.slice(0, 3).join(', ')}`,
  })
}

/** Whether the record of a run has a first entry: a process that dies before that leaves a folder and has sent nothing. */
export async function hasBegun(home: string, run: string): Promise<boolean> {
  const journal = await stat(journalPath(runFolder(home, run))).catch(() => undefined)
  return journal !== undefined && journal.size > 0
}

/** Id of the latest run that wrote this result file; undefined when no record tells. `path`: absolute. */
export async function findRunOfFile(home: string, path: string): Promise<string | undefined> {
  for (const run of await listRunIds(home)) {
    const known = await readRun(home, run, accounts).catch(() => undefined)
    const files = known?.history.finished?.files
    if (files !== undefined && [files.success, files.errors].includes(path)) return run
  }
  return undefined
}

const accounts: ReadonlySet<RunEntry['type']> = new Set(['finished'] as const)
const withoutAnswers: ReadonlySet<RunEntry['type']> = new Set([
  'opened',
  'api',
  'sending',
  'unsent',
  'job',
  'uploaded',
  'ended',
  'written',
  'completing',
  'paused',
  'finished',
] as const)

/** Ids begin with their time, so that the latest come first when they are sorted backwards. */
export async function listRunIds(home: string): Promise<readonly string[]> {
  const entries = await readdir(runsFolder(home), { withFileTypes: true }).catch(() => [])
  return entries
    .flatMap((entry) => (entry.isDirectory() && /^\d{8}-\d{6}-[a-z0-9]+$/.test(entry.name) ? [entry.name] : []))
    .sort()
    .reverse()
}
