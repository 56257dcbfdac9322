import type { RunJournal } from '../runs/run-journal.ts'
import type { SyncFile } from './sync-file.ts'

/**
 * The journal of a push is the sync file itself: the id of each job is noted there before its rows are uploaded. A load that
 * is broken off is not carried on; the next sync asks the jobs and the records what became of it.
 */
export function pushJournal(file: SyncFile, push: string): RunJournal {
  return {
    canResume: false,
    hasSent: true,
    past: undefined,
    append: async (entry) => {
      if (entry.type === 'job') noteJob(file, push, entry.job)
    },
    knownJobs: async () => new Set(listJobs(file, push)),
    dropKeptData: async () => undefined,
    close: async () => undefined,
  }
}

/** Ids of the jobs that a push has made. */
export function listJobs(file: SyncFile, push: string): readonly string[] {
  const noted = file.sql('SELECT job FROM sfbulk_pushes WHERE push = ?').rows([push])[0]?.[0]
  return String(noted ?? '')
    .split(' ')
    .filter((id) => id !== '')
}

function noteJob(file: SyncFile, push: string, job: string): void {
  file.sql("UPDATE sfbulk_pushes SET job = trim(coalesce(job, '') || ' ' || ?) WHERE push = ?").run([job, push])
}
