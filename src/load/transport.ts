import type { RecordTable } from '../csv/record-table.ts'

/** What one job, batch or call may hold at most. */
export interface PartLimits {
  readonly maxBytes: number
  readonly maxRows: number
  /** Bytes up to which a part is held whole, so that a transport may choose a cheaper way for a small one. */
  readonly smallBytes: number
}

/** What every part of a load is: decided once, before the first row is read. */
export interface PartKind {
  readonly object: string
  /** Bulk API's name of the operation: `insert`, `update`, `upsert`, `delete`, `hardDelete`. */
  readonly operation: string
  readonly externalIdField: string | undefined
}

/** The bytes of one part: a CSV with its header, comma, LF, UTF-8. */
export interface PartBody {
  /** The part whole, when it is no larger than `smallBytes`; then `stream` need not be read. */
  readonly whole: Buffer | undefined
  /** Each call reads the part from its beginning. A piece holds until the next one is asked for. */
  stream(): AsyncIterable<Uint8Array>
}

/** A job that the service has taken. */
export interface SentPart {
  /** The service's id of the job; empty for an API that has no jobs. */
  readonly id: string
  /** Rows sent, where they are known: the wait is then planned by the job's progress. */
  readonly rows?: number | undefined
  /** Milliseconds that sending took, where that is known. */
  readonly sendTime?: number | undefined
  /** The answers, where they came back with the rows: an API that has no jobs. */
  readonly answers?: readonly PlacedResult[] | undefined
  /** How the job ended, where that is known already. */
  readonly end?: PartEnd | undefined
}

/** Is told of the steps of sending before the next one is taken; resolves when the fact is on disk. */
export interface SendRecord {
  /** The service has made this job for the rows; it holds none yet, or all of them and is at work. */
  created(job: string): Promise<void>
  /** The job has all of the rows; the request that starts the work comes next. */
  uploaded(job: string): Promise<void>
}

/** What an earlier process wrote down of a piece that it began to send. */
export interface BegunPiece {
  /** Milliseconds since 1970 at which it was about to be sent, and at which the earlier process was last heard of. */
  readonly begunAt: number
  readonly lastAt: number
  readonly job: string | undefined
  /** Whether the job had all of the rows. */
  readonly uploaded: boolean
  /** Jobs that are in some record already, so that they hold something else. */
  knownJobs(): Promise<ReadonlySet<string>>
}

/** What has become of such a piece. */
export type TakenUp =
  /** The service has its rows. */
  | { readonly state: 'sent'; readonly sent: SentPart }
  /** It was surely not carried out, or does no harm when it is sent again. */
  | { readonly state: 'absent' }
  /** Nobody can tell. `reason`: a clause. */
  | { readonly state: 'unsure'; readonly reason: string }

/** How a job ended, by the service's own counters. */
export interface PartEnd {
  readonly state: 'complete' | 'failed' | 'aborted'
  /** The service's text when the job as a whole failed. */
  readonly errorMessage: string | undefined
  readonly accepted: number
  readonly rejected: number
}

export type Verdict = 'accepted' | 'rejected' | 'unprocessed'

/** Answers that repeat what was sent, in any order: Bulk API 2.0. Cells are found by the names in `header`. */
export interface EchoedResults {
  readonly verdict: Verdict
  readonly header: readonly string[]
  readonly records: RecordTable
}

/** The answer for the part's row at this place, counted from 0. */
export interface PlacedResult {
  readonly row: number
  /** `unknown`: its own answer was lost, and nobody can tell what became of it. */
  readonly verdict: Verdict | 'unknown'
  /** 18 characters; empty when there is none. */
  readonly id: string
  readonly created: boolean
  /** `CODE:message:fields --`, or why the outcome is unknown; empty unless rejected or unknown. */
  readonly error: string
}

/** Answers in the order of what was sent: SOAP, Bulk API 1.0. */
export interface PlacedResults {
  readonly placed: readonly PlacedResult[]
}

/** Why a part could not be sent, and whether the service may have taken it all the same. */
export interface SendFailure {
  readonly error: Error
  /** True when the request that starts the work may have arrived although its answer did not. */
  readonly mayHaveArrived: boolean
  readonly id: string | undefined
  /** Why the service could not be asked what became of the rows, where it can be asked. */
  readonly askFailure?: unknown
}

/**
 * How parts reach Salesforce and their answers come back. The flow of a load knows nothing else of an API, so another
 * one is another implementation of this.
 */
export interface Transport {
  /** As `--api` names it. */
  readonly api: 'bulk' | 'bulk1' | 'soap'
  readonly limits: PartLimits
  /** Whether answers repeat what was sent, in any order, or stand in the order of what was sent. */
  readonly answers: 'echoed' | 'placed'
  /** Parts that are on their way side by side, unless the user says how many. */
  readonly partsAtOnce: number
  /** What is done of a part before it is written down that it is being sent: should that fail, it surely was not. */
  prepare?(body: PartBody): Promise<void>
  /** Creates the job, uploads, and starts the work. Throws `PartNotSent` when that fails. */
  send(kind: PartKind, body: PartBody, signal: AbortSignal, record?: SendRecord): Promise<SentPart>
  /**
   * Finds out what has become of a piece that an earlier process began to send; an upload that broke off is given up. Left
   * out: nobody can tell.
   */
  takeUp?(kind: PartKind, body: PartBody, begun: BegunPiece, signal: AbortSignal): Promise<TakenUp>
  /** Waits for the end. Throws `UnfinishedError` when the signal or the time given says so; the job goes on by itself. */
  finish(sent: SentPart, signal: AbortSignal): Promise<PartEnd>
  /**
   * The answers of an ended job. Only what the counters say is there is asked for; a short answer is asked for again.
   * `startAnew`: told when all answers so far are void and will be given once more, which a reader without it is spared.
   */
  results(
    sent: SentPart,
    end: PartEnd,
    rows: number,
    startAnew?: () => Promise<void>,
  ): AsyncIterable<EchoedResults | PlacedResults>
}

/** A part that was not sent, or of which that is not known. */
export class PartNotSent extends Error {
  readonly failure: SendFailure

  constructor(failure: SendFailure) {
    super(failure.error.message, { cause: failure.error })
    this.name = 'PartNotSent'
    this.failure = failure
  }
}

/** How many rows of a CSV the answers of a job repeat; `all`: and no others. */
export type Recognised = 'all' | 'some' | 'none'
