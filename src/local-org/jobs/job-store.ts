import type { Storage } from '../database.ts'
import { prepareValue } from '../prepare-value.ts'

/** A Bulk API 2.0 job, ingest or query, as it is kept in the data file. */
export interface Job {
  readonly id: string
  readonly kind: 'ingest' | 'query'
  /** `insert`, `update`, `upsert`, `delete`, `hardDelete`; `query`, `queryAll`. */
  readonly operation: string
  readonly object: string
  /** Empty where there is none. */
  readonly externalIdField: string
  readonly assignmentRuleId: string
  /** Text of a query job. */
  readonly query: string
  readonly columnDelimiter: ColumnDelimiter
  readonly lineEnding: LineEnding
  readonly apiVersion: number
  readonly createdBy: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly modifiedAt: number
  readonly state: JobState
  readonly errorMessage: string
  /** Bytes of the upload; -1 before it has come. */
  readonly uploadBytes: number
  /** Whether the upload holds the line ending CRLF, and LF on its own. */
  readonly hasCrlf: boolean
  readonly hasBareLf: boolean
  /** Rows done: an ingest job goes on behind them. Failed ones included. */
  readonly processed: number
  readonly failed: number
  /** Milliseconds spent on rows. */
  readonly activeMs: number
  /** Whether a client has seen it `InProgress`. */
  readonly seenInProgress: boolean
  /** Columns of the result files in their order, once the header has been read and found good. */
  readonly resultColumns: readonly string[]
}

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'

/** What Salesforce calls the delimiters, and what they are. */
export const columnDelimiters = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
} as const
export type ColumnDelimiter = keyof typeof columnDelimiters

export const lineEndings = { LF: '\n', CRLF: '\r\n' } as const
export type LineEnding = keyof typeof lineEndings

export type NewJob = Pick<
  Job,
  | 'kind'
  | 'operation'
  | 'object'
  | 'externalIdField'
  | 'assignmentRuleId'
  | 'query'
  | 'columnDelimiter'
  | 'lineEnding'
  | 'apiVersion'
  | 'createdBy'
  | 'state'
>

/** A job as the process that works on it sees it: it may write only while the job is its own. */
export type JobProgress = Partial<
  Pick<Job, 'state' | 'errorMessage' | 'processed' | 'failed' | 'activeMs' | 'resultColumns'>
>

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
  createTables(storage)
  storage.prepare('DELETE FROM bulk_job WHERE created_at < ?').run([now() - keptMs])
  const statements = prepare(storage)

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

function createTables(storage: Storage): void {
  storage.exec(`
    CREATE TABLE IF NOT EXISTS bulk_job (
      id TEXT PRIMARY KEY, short_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, operation TEXT NOT NULL,
      object TEXT NOT NULL, external_id_field TEXT NOT NULL, assignment_rule_id TEXT NOT NULL, query TEXT NOT NULL,
      column_delimiter TEXT NOT NULL, line_ending TEXT NOT NULL, api_version INTEGER NOT NULL,
      created_by TEXT NOT NULL, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL, state TEXT NOT NULL,
      error_message TEXT NOT NULL DEFAULT '', upload_bytes INTEGER NOT NULL DEFAULT -1,
      has_crlf INTEGER NOT NULL DEFAULT 0, has_bare_lf INTEGER NOT NULL DEFAULT 0,
      processed INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, active_ms INTEGER NOT NULL DEFAULT 0,
      seen_in_progress INTEGER NOT NULL DEFAULT 0, result_columns TEXT NOT NULL DEFAULT '[]', owner TEXT, heartbeat INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS bulk_job_state ON bulk_job (state, created_at)`)
}

function prepare(storage: Storage) {
  const sql = (text: string) => storage.prepare(text)
  return {
    create: sql(`INSERT INTO bulk_job (id, short_id, kind, operation, object, external_id_field, assignment_rule_id,
      query, column_delimiter, line_ending, api_version, created_by, created_at, modified_at, state)
      VALUES (:id, :shortId, :kind, :operation, :object, :externalIdField, :assignmentRuleId,
      :query, :columnDelimiter, :lineEnding, :apiVersion, :createdBy, :now, :now, :state)`),
    find: sql('SELECT * FROM bulk_job WHERE kind = ? AND short_id = ?'),
    byId: sql('SELECT * FROM bulk_job WHERE id = ?'),
    list: sql('SELECT * FROM bulk_job WHERE kind = ? ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?'),
    changeState: sql(
      'UPDATE bulk_job SET state = ?, modified_at = ? WHERE id = ? AND state IN (SELECT value FROM json_each(?))',
    ),
    setUpload: sql('UPDATE bulk_job SET upload_bytes = ?, has_crlf = ?, has_bare_lf = ? WHERE id = ?'),
    markSeen: sql('UPDATE bulk_job SET seen_in_progress = 1 WHERE id = ?'),
    remove: sql('DELETE FROM bulk_job WHERE id = ?'),
    owners: sql(`SELECT owner, max(heartbeat) AS heartbeat FROM bulk_job
      WHERE owner IS NOT NULL AND state = 'InProgress' GROUP BY owner`),
    waiting: sql(`SELECT id FROM bulk_job WHERE owner IS NULL AND state IN ('UploadComplete', 'InProgress')
      ORDER BY created_at, id`).pluck(),
    claim: sql(`UPDATE bulk_job SET owner = ?, heartbeat = ?, state = 'InProgress', modified_at = ?
      WHERE id = ? AND owner IS NULL AND state IN ('UploadComplete', 'InProgress')`),
    progress: sql(`UPDATE bulk_job SET state = coalesce(?, state), error_message = coalesce(?, error_message),
      processed = coalesce(?, processed), failed = coalesce(?, failed), active_ms = coalesce(?, active_ms),
      result_columns = coalesce(?, result_columns), modified_at = ?, heartbeat = ? WHERE id = ? AND owner = ? AND state = 'InProgress'`),
    holds: prepareValue(storage, "SELECT 1 FROM bulk_job WHERE id = ? AND owner = ? AND state = 'InProgress'"),
    beat: sql("UPDATE bulk_job SET heartbeat = ? WHERE owner = ? AND state = 'InProgress'"),
    disown: sql('UPDATE bulk_job SET owner = NULL WHERE owner = ?'),
  }
}

/** A row of `bulk_job`, whose columns are this file's own. */
function readJob(value: unknown): Job {
  const row = value as Record<string, string & number>
  const text = (name: string): string => String(row[name])
  const number = (name: string): number => Number(row[name])
  return {
    id: text('id'),
    kind: text('kind') as Job['kind'],
    operation: text('operation'),
    object: text('object'),
    externalIdField: text('external_id_field'),
    assignmentRuleId: text('assignment_rule_id'),
    query: text('query'),
    columnDelimiter: text('column_delimiter') as ColumnDelimiter,
    lineEnding: text('line_ending') as LineEnding,
    apiVersion: number('api_version'),
    createdBy: text('created_by'),
    createdAt: number('created_at'),
    modifiedAt: number('modified_at'),
    state: text('state') as JobState,
    errorMessage: text('error_message'),
    uploadBytes: number('upload_bytes'),
    hasCrlf: number('has_crlf') === 1,
    hasBareLf: number('has_bare_lf') === 1,
    processed: number('processed'),
    failed: number('failed'),
    activeMs: number('active_ms'),
    seenInProgress: number('seen_in_progress') === 1,
    resultColumns: JSON.parse(text('result_columns')) as readonly string[],
  }
}
