import type { WriteOperation } from '../engine.ts'

/** A Bulk API 2.0 job, ingest or query, as it is kept in the data file. */
export interface Job {
  readonly id: string
  readonly kind: 'ingest' | 'query'
  /** `insert`, `update`, `upsert`, `delete`, `hardDelete`; `query`, `queryAll`. */
  readonly operation: WriteOperation | 'query' | 'queryAll'
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

/** What an ingest job writes. */
export function writeOperationOf({ operation, id }: Pick<Job, 'operation' | 'id'>): WriteOperation {
  if (operation === 'query' || operation === 'queryAll') throw new Error(`Job ${id} does not write`)
  return operation
}
