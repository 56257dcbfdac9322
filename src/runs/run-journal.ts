import { rm } from 'node:fs/promises'
import { settleAll } from '../settle-all.ts'
import { JournalFile, readJournal, recordFailed } from './journal-file.ts'
import { listRuns } from './list-runs.ts'
import type { RecordedInput, RunEntry, StartedEntry } from './run-entries.ts'
import { dropKeptData, journalPath, makeRunFolder, runFolder, runsFolder, syncFolder } from './run-folder.ts'
import { jobsOf, type RunHistory, replayRun } from './run-history.ts'
import { lockRun, type RunLock } from './run-lock.ts'

/** Where a run writes down what it does, before it does it; and what an earlier process wrote there. */
export interface RunJournal {
  /** Whether the run can be carried on by another process: not when its input came once and is not kept. */
  readonly canResume: boolean
  /** Whether something has been sent, or was about to be. */
  readonly hasSent: boolean
  /** What earlier processes did; undefined for a run that begins. */
  readonly past: RunHistory | undefined
  /** Resolves when the entry is on disk. Throws `RunError`: what the entry announces must not be done then. */
  append(entry: RunEntry): Promise<void>
  /** Ids of all jobs that are in the record of any run. */
  knownJobs(): Promise<ReadonlySet<string>>
  /** Deletes what was kept to carry the run on; to be called when it has its account. */
  dropKeptData(): Promise<void>
  /** Lets others work on the run. */
  close(): Promise<void>
}

/**
 * Begins the journal of a run in `SFBULK_HOME/runs/<id>/`, readable by its owner alone. What fails to begin leaves no record.
 * Throws `RunError` where none can be kept.
 */
export async function beginJournal(home: string, started: StartedEntry): Promise<RunJournal> {
  const { folder, lock, file } = await openFolder(home, started.run).catch(async (error: unknown) => {
    await dropRun(home, started.run)
    throw recordFailed(runFolder(home, started.run), error)
  })
  try {
    // Both first entries are on their way to the disk at the same time, and so are the folders.
    const [, journal] = await settleAll([
      file.append(started),
      openJournal(home, started.run, { file, lock, input: started.input, past: undefined }),
      syncFolder(folder),
      syncFolder(runsFolder(home)),
    ])
    return journal
  } catch (error) {
    await file.close()
    await dropRun(home, started.run)
    throw error
  }
}

async function openFolder(home: string, run: string): Promise<{ folder: string; lock: RunLock; file: JournalFile }> {
  const folder = await makeRunFolder(home, run)
  return { folder, lock: await lockRun(folder, run), file: await JournalFile.open(journalPath(folder)) }
}

/**
 * Opens the journal of an earlier run to carry it on; when its result files are not there any more, from the first row on.
 * Throws `RunError` with code `RUN_BUSY` while another process works on it, and what `readJournal` throws.
 */
export async function reopenJournal(
  home: string,
  run: string,
  areFilesKept: (history: RunHistory) => Promise<boolean>,
): Promise<RunJournal & { readonly past: RunHistory }> {
  const folder = runFolder(home, run)
  const lock = await lockRun(folder, run)
  try {
    const entries = await readJournal(journalPath(folder))
    const told = replayRun(entries)
    const isKept = told.finished !== undefined || (await areFilesKept(told))
    const past = isKept ? told : replayRun(entries.filter(({ type }) => type !== 'written' && type !== 'completing'))
    const file = await JournalFile.open(journalPath(folder))
    const journal = await openJournal(home, run, { file, lock, input: past.started.input, past })
    return Object.assign(journal, { past })
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Deletes the folder of a run that sent nothing and has nothing to tell. */
export async function dropRun(home: string, run: string): Promise<void> {
  await rm(runFolder(home, run), { recursive: true, force: true })
}

interface JournalParts {
  readonly file: JournalFile
  readonly lock: RunLock
  readonly input: RecordedInput
  readonly past: RunHistory | undefined
}

async function openJournal(home: string, run: string, parts: JournalParts): Promise<RunJournal> {
  const { file, lock, input, past } = parts
  let closed = false
  let hasSent = past !== undefined
  if (past?.finished === undefined) await file.append({ type: 'opened', pid: process.pid })
  return {
    past,
    canResume: input.kind !== 'once',
    get hasSent() {
      return hasSent
    },
    append: async (entry) => {
      hasSent ||= entry.type === 'sending'
      await file.append(entry)
    },
    knownJobs: async () => new Set((await listRuns(home)).flatMap(({ history }) => jobsOf(history))),
    dropKeptData: () => dropKeptData(runFolder(home, run)),
    async close() {
      if (closed) return
      closed = true
      await file.close()
      await lock.release()
    },
  }
}
