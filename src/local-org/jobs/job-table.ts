import type { Storage } from '../../sqlite/database.ts'
import { prepareValue } from '../prepare-value.ts'
import type { ColumnDelimiter, Job, JobState, LineEnding } from './job.ts'

/** The table of jobs in the data file, beside those of the engine. */
export function createJobTable(storage: Storage): void {
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

/** Every statement about jobs, prepared once. */
export function prepareJobStatements(storage: Storage) {
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
export function readJob(value: unknown): Job {
  const row = value as Record<string, string & number>
  const text = (name: string): string => String(row[name])
  const number = (name: string): number => Number(row[name])
  return {
    id: text('id'),
    kind: text('kind') as Job['kind'],
    operation: text('operation') as Job['operation'],
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
