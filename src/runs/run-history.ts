import type { SourcePosition } from '../csv/records.ts'
import { RunError } from '../errors.ts'
import {
  type CompletingEntry,
  type EndedEntry,
  type FinishedEntry,
  type PausedEntry,
  partOfPiece,
  type RecordedAnswer,
  type StartedEntry,
  type TimedEntry,
  type UploadedEntry,
  type WrittenEntry,
} from './run-entries.ts'

/** What the journal knows of a piece of work. */
export interface PieceHistory {
  /** Milliseconds since 1970 at which it was about to be sent for the last time. */
  readonly begunAt: number
  readonly from: SourcePosition
  /** Hash of the bytes and number of rows, where they were known beforehand. */
  readonly digest: string | null
  readonly rows: number | null
  /** The latest job that was made for it. */
  readonly job: string | undefined
  readonly uploaded: UploadedEntry | undefined
  readonly ended: EndedEntry | undefined
  readonly answers: readonly RecordedAnswer[] | undefined
}

/** A run as its journal tells it. */
export interface RunHistory {
  readonly run: string
  readonly started: StartedEntry
  readonly startedAt: string
  /** When the last entry was written. */
  readonly lastAt: string
  /** The API that the rows go by. */
  readonly api: string
  /** By key; those of parts that are in the result files without their answers. */
  readonly pieces: ReadonlyMap<string, PieceHistory>
  readonly written: WrittenEntry | undefined
  readonly completing: CompletingEntry | undefined
  readonly paused: PausedEntry | undefined
  readonly finished: FinishedEntry | undefined
  /** Rows of the whole run as they were counted last, also by a process whose work another one has taken up since. */
  readonly counted: Readonly<Record<string, number>>
}

/** Goes through the entries of a run. Throws `RunError` when they do not begin as a journal does. */
export function replayRun(entries: readonly TimedEntry[]): RunHistory {
  const [first] = entries
  if (first?.type !== 'started') {
    throw new RunError('the run broke off before its record had begun', {
      code: 'RUN_DAMAGED',
      hint: 'it has sent nothing: run its command again',
    })
  }
  const pieces = new Map<string, PieceHistory>()
  let history: RunHistory = {
    run: first.run,
    started: first,
    startedAt: first.at,
    lastAt: first.at,
    api: first.api,
    pieces,
    written: undefined,
    completing: undefined,
    paused: undefined,
    finished: undefined,
    counted: {},
  }
  for (const entry of entries) {
    history = { ...history, lastAt: entry.at }
    switch (entry.type) {
      case 'opened':
        history = { ...history, paused: undefined }
        break
      case 'api':
        history = { ...history, api: entry.api }
        break
      case 'sending':
        pieces.set(entry.key, {
          begunAt: Date.parse(entry.at),
          from: entry.from,
          digest: entry.digest,
          rows: entry.rows,
          job: undefined,
          uploaded: undefined,
          ended: undefined,
          answers: undefined,
        })
        break
      case 'unsent':
        pieces.delete(entry.key)
        break
      case 'job':
        amend(pieces, entry.key, { job: entry.job, uploaded: undefined, ended: undefined })
        break
      case 'uploaded':
        amend(pieces, entry.key, { job: entry.job, uploaded: entry })
        break
      case 'ended':
        amend(pieces, entry.key, { job: entry.job, ended: entry })
        break
      case 'answers':
        amend(pieces, entry.key, { answers: entry.answers })
        break
      case 'written':
        history = { ...history, written: entry, counted: entry.rows }
        forgetAnswers(pieces, entry.part)
        break
      case 'completing':
        history = { ...history, completing: entry }
        break
      case 'paused':
        // One that came to nothing has counted nothing.
        history = { ...history, paused: entry, counted: { ...history.counted, ...entry.rows } }
        break
      case 'finished':
        history = { ...history, finished: entry, paused: undefined, counted: entry.rows }
        break
      case 'started':
        break
    }
  }
  return history
}

/** The jobs of a run, in the order of its parts. */
export function jobsOf({ pieces, finished }: RunHistory): readonly string[] {
  if (finished !== undefined) return finished.jobs
  return [...pieces.values()].flatMap(({ job }) => (job === undefined ? [] : [job]))
}

function amend(pieces: Map<string, PieceHistory>, key: string, facts: Partial<PieceHistory>): void {
  const piece = pieces.get(key)
  if (piece !== undefined) pieces.set(key, { ...piece, ...facts })
}

/** Answers of parts that stand in the result files are not needed any more, apart from those of the last part. */
function forgetAnswers(pieces: Map<string, PieceHistory>, part: number): void {
  for (const [key, piece] of pieces) {
    if (piece.answers !== undefined && partOfPiece(key) < part) pieces.set(key, { ...piece, answers: [] })
  }
}
