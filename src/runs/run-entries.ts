import type { Dialect, SourcePosition } from '../csv/records.ts'

/** Version of the journals that this program writes; a later one is refused. */
export const journalVersion = 1

/** What was typed, from which the plan of a run is made again. It holds no secret: those are not options of a write. */
export interface RecordedCall {
  readonly arguments: readonly (string | null)[]
  readonly options: Readonly<Record<string, unknown>>
  /** Folder against which relative paths stand. */
  readonly folder: string
}

/** Which org a run is for. */
export interface RecordedOrg {
  readonly name: string
  readonly instanceUrl: string
  readonly username: string | null
}

/** An input as it was when the run began: a file that can be read again, or one that came once and is kept by the run. */
export type RecordedInput =
  | {
      readonly kind: 'file'
      /** Absolute. */
      readonly path: string
      readonly size: number
      /** Milliseconds since 1970. */
      readonly changedAt: number
    }
  | {
      readonly kind: 'kept'
      readonly dialect: Dialect
      readonly header: readonly string[]
      /** Where the rows begin. */
      readonly start: SourcePosition
    }
  /** A query needs none. */
  | { readonly kind: 'none' }
  /** Nothing is kept of it, so the run cannot be carried on. */
  | { readonly kind: 'once' }

/** The first line of a journal. */
export interface StartedEntry {
  readonly type: 'started'
  readonly version: number
  readonly run: string
  /** `upsert`, `attach`, `query`. */
  readonly command: string
  /** As the org spells it; empty for a query. */
  readonly sobject: string
  readonly call: RecordedCall
  readonly org: RecordedOrg
  /** The input as given, or `stdin`, or `--where`. */
  readonly source: string
  readonly input: RecordedInput
  /** Result files: absolute paths; `-` for standard output, null for none. */
  readonly targets: { readonly success: string | null; readonly errors: string | null }
  readonly api: string
  /** Bytes and rows of a part: with them the input is cut at the same places again. */
  readonly limits: { readonly maxBytes: number; readonly maxRows: number } | null
  /** Fields that are sent and what else tells one mapping from another; of an incremental query where it began. */
  readonly mapping: string
}

/** A process has begun to work on the run. */
export interface OpenedEntry {
  readonly type: 'opened'
  readonly pid: number
}

/** The rows go by another API than was meant. */
export interface ApiEntry {
  readonly type: 'api'
  readonly api: string
}

/** Written before the request that may create a job, or carry the rows out. */
export interface SendingEntry {
  readonly type: 'sending'
  /** See `pieceKey`. */
  readonly key: string
  readonly from: SourcePosition
  /** Hash of the bytes and their number, where they are known before they leave. */
  readonly digest: string | null
  readonly rows: number | null
}

/** A piece that was about to be sent surely was not. */
export interface UnsentEntry {
  readonly type: 'unsent'
  readonly key: string
}

/** The service has made a job for a piece. */
export interface JobEntry {
  readonly type: 'job'
  readonly key: string
  readonly job: string
}

/** All of a piece's rows are there; written before the request that starts the work. */
export interface UploadedEntry {
  readonly type: 'uploaded'
  readonly key: string
  readonly job: string
  readonly to: SourcePosition
  readonly rows: number
  readonly sent: number
  readonly bytes: number
  readonly digest: string
}

/** `[place of the row, verdict, id, created, error]`; the verdicts are accepted, rejected, unprocessed and unknown. */
export type RecordedAnswer = readonly [number, 'a' | 'r' | 'u' | '?', string, 0 | 1, string]

/** The answers of a call, which the service does not keep. */
export interface AnswersEntry {
  readonly type: 'answers'
  readonly key: string
  readonly answers: readonly RecordedAnswer[]
}

/** A job has ended, with the service's own counters. */
export interface EndedEntry {
  readonly type: 'ended'
  readonly key: string
  readonly job: string
  readonly state: 'complete' | 'failed' | 'aborted'
  readonly accepted: number
  readonly rejected: number
  readonly errorMessage: string | null
}

/** What the result files hold up to the end of a part; the files have been flushed to disk before. */
export interface WrittenEntry {
  readonly type: 'written'
  readonly part: number
  readonly from: SourcePosition
  /** Hash of what was sent of the part. */
  readonly digest: string
  /** Given where it was not to be sent, since a row before it was rejected (`--fail-fast`). */
  readonly isBehindReject?: true
  /** Bytes of the files under their temporary names. */
  readonly success: number
  readonly errors: number
  /** Rows of the whole run so far. */
  readonly rows: Readonly<Record<string, number>>
  readonly reasons: readonly { readonly text: string; readonly count: number }[]
  /** What the run will end with, whatever comes after. */
  readonly fault: RecordedError | null
}

export interface RecordedError {
  readonly code: string
  readonly message: string
  readonly hint: string | null
}

/** Both files are whole and get their names now. */
export interface CompletingEntry {
  readonly type: 'completing'
  readonly success: number
  readonly errors: number
  /** Of an incremental query, whose mark moves next. */
  readonly output?: { readonly rows: number; readonly bytes: number; readonly pages: number } | undefined
}

/** The process stopped in good order before the end. */
export interface PausedEntry {
  readonly type: 'paused'
  readonly exitCode: number
  readonly rows: Readonly<Record<string, number>>
  readonly error: RecordedError | null
}

/** The run's account; nothing follows. */
export interface FinishedEntry {
  readonly type: 'finished'
  readonly exitCode: number
  readonly jobs: readonly string[]
  readonly rows: Readonly<Record<string, number>>
  /** Absolute paths; null where there is none. */
  readonly files: { readonly success: string | null; readonly errors: string | null }
  readonly apiCalls: number
  readonly bytesSent: number
  readonly error: RecordedError | null
  /** What a query wrote. */
  readonly output?: { readonly bytes: number; readonly pages: number } | undefined
}

export type RunEntry =
  | StartedEntry
  | OpenedEntry
  | ApiEntry
  | SendingEntry
  | UnsentEntry
  | JobEntry
  | UploadedEntry
  | AnswersEntry
  | EndedEntry
  | WrittenEntry
  | CompletingEntry
  | PausedEntry
  | FinishedEntry

/** An entry with the time at which it was written, ISO 8601 in UTC. */
export type TimedEntry = RunEntry & { readonly at: string }

/**
 * Names a piece of work of a load: `3` is part 3 as it is first sent; `3.1.2` is the second piece of round 1, in which rows
 * of part 3 are sent once more. A run that is carried on finds a piece's jobs and answers under the same name, so a round
 * must be cut the same way from the same answers.
 */
export function pieceKey(part: number, round = 0, piece = 1): string {
  return round === 0 ? `${part}` : `${part}.${round}.${piece}`
}

/** The part that a piece belongs to. */
export function partOfPiece(key: string): number {
  return Number.parseInt(key, 10)
}
