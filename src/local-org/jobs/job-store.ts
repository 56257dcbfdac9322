import type { Storage } from '../../sqlite/database.ts'
import type { Job, JobProgress, JobState, NewJob } from './job.ts'
import { createJobTable, prepareJobStatements, readJob } from './job-table.ts'

/** The jobs of the data file, shared by every process that has it open. */
export interface JobStore {
  create(job: NewJob): Job
  find(kind: Job['kind'], id: string): Job | undefined
  /** Jobs of a kind behind the `after`th, newest first. */
  list(kind: Job['kind'], after: number, count: number): readonly Job[]
  /** Changes the state when it is one of `from`; says whether it was. */
  changeState(id: string, from: readonly JobState[], to: JobState): boolean
  setUpload(id: string, upload: Pick<Job, 'uploadBytes' | 'hasCrlf' | 'hasBareLf'>): void
  markSeen(id: string): void
  remove(id: string): void
  /** Jobs that wait for a process, oldest first: those of nobody, and those whose process has gone. */
  waiting(): readonly string[]
  /** Takes a job that waits and sets it to `InProgress`; `undefined` when another process was faster. */
  claim(id: string): Job | undefined
  /** Writes progress if the job is still ours and `InProgress`; says whether it was. */
  progress(id: string, progress: JobProgress): boolean
  /** Whether the job is still ours and `InProgress`. */
  holds(id: string): boolean
  /** Says that this process is still there, for all the jobs that it has. */
  beat(): void
  /** Gives back every job that this process has. */
  release(): void
}

export interface JobStoreOptions {
  readonly storage: Storage
  readonly newId: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** This process, and whether another may still be alive. */
  readonly owner: string
  readonly isAlive: (owner: string) => boolean
}

/** A process that has not been heard of for so long has lost its jobs. */
const lostAfterMs = 15_000

/** Results of a job are kept for seven days. */
const keptMs = 7 * 24 * 3_600_000

export function createJobStore({ storage, newId, now, owner, isAlive }: JobStoreOptions): JobStore {
  createJobTable(storage)
  storage.prepare('DELETE FROM bulk_job WHERE created_at < ?').run([now() - keptMs])
  const statements = prepareJobStatements(storage)

  function find(kind: Job['kind'], id: string): Job | undefined {
    const row = statements.find.get([kind, id.slice(0, 15)])
    return row === undefined ? undefined : readJob(row)
  }

  function lostOwners(): readonly string[] {
    const owners = statements.owners.all() as { owner: string; heartbeat: number }[]
    return owners
      .filter((other) => other.owner !== owner)
      .filter((other) => other.heartbeat < now() - lostAfterMs || !isAlive(other.owner))
      .map((other) => other.owner)
  }

  return {
    create(job) {
      const id = newId()
      statements.create.run({ ...job, id, shortId: id.slice(0, 15), now: now() })
      return find(job.kind, id) ?? missing(id)
    },
    find,
    list: (kind, after, count) => statements.list.all([kind, count, after]).map(readJob),
    changeState(id, from, to) {
      const names = JSON.stringify(from)
      return statements.changeState.run([to, now(), id, names]).changes === 1
    },
    setUpload(id, { uploadBytes, hasCrlf, hasBareLf }) {
      statements.setUpload.run([uploadBytes, Number(hasCrlf), Number(hasBareLf), id])
    },
    markSeen(id) {
      statements.markSeen.run([id])
    },
    remove(id) {
      statements.remove.run([id])
    },
    waiting() {
      for (const lost of lostOwners()) statements.disown.run([lost])
      return statements.waiting.all().map(String)
    },
    claim(id) {
      if (statements.claim.run([owner, now(), now(), id]).changes !== 1) return undefined
      const row = statements.byId.get([id])
      return row === undefined ? undefined : readJob(row)
    },
    progress(id, { state, errorMessage, processed, failed, activeMs, resultColumns }) {
      const columns = resultColumns === undefined ? undefined : JSON.stringify(resultColumns)
      const values = [state, errorMessage, processed, failed, activeMs, columns].map((value) => value ?? null)
      return statements.progress.run([...values, now(), now(), id, owner]).changes === 1
    },
    holds: (id) => statements.holds([id, owner]) !== undefined,
    beat() {
      statements.beat.run([now(), owner])
    },
    release() {
      statements.disown.run([owner])
    },
  }
}

function missing(id: string): never {
  throw new Error(`Job ${id} is gone`)
}
