import { ExpectedError, RunError, UnfinishedError } from '../errors.ts'
import { isPassing } from '../org/retry.ts'

/** Why the rows behind the first rejected one stay unsent with `--fail-fast`. */
export const behindReject = 'a row before it was rejected (--fail-fast)'

/** Why no more parts are sent. The first reason stands. */
export class StopReason {
  readonly #signal: AbortSignal
  #error: ExpectedError | undefined
  #words: string | undefined
  #pause: ExpectedError | undefined

  /** `signal`: aborted when the user interrupts; its reason becomes the error. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Whether parts that were not sent so far stay unsent. */
  get stopped(): boolean {
    return this.#words !== undefined || this.#signal.aborted
  }

  /** What the run ends with; undefined when all is well or the first reject ended it. */
  get error(): ExpectedError | undefined {
    return this.#error ?? this.#interruption
  }

  /** What a run ends with that left nothing open: an interruption that came too late to keep anything back is none. */
  get failure(): ExpectedError | undefined {
    return this.#error
  }

  /** What the run ends with also when it is carried on. */
  get fault(): ExpectedError | undefined {
    return this.#error === this.#pause || canPass(this.#error) ? undefined : this.#error
  }

  /** Why the run should be carried on later: time over, interrupted, a limit reached. */
  get pause(): ExpectedError | undefined {
    return this.#pause ?? this.#interruption
  }

  get #interruption(): ExpectedError | undefined {
    if (!this.#signal.aborted) return undefined
    const { reason } = this.#signal as { reason: unknown }
    return reason instanceof ExpectedError
      ? reason
      : new UnfinishedError('interrupted', { code: 'INTERRUPTED', cause: reason })
  }

  /** For the rows that stay unsent: `not sent: …`. */
  get words(): string {
    return this.#words ?? 'the run was interrupted'
  }

  /** A failure after which sending more makes no sense. */
  because(error: unknown): void {
    this.note(error)
    if (error instanceof ExpectedError && error.exit === 'unfinished') this.#pause ??= error
    this.#words ??= this.#error?.message ?? ''
  }

  /**
   * What keeps parts from being sent for now: they wait for another process. A run that has none of them left ends as it would
   * without.
   */
  untilLater(error: UnfinishedError): void {
    this.#pause ??= error
    this.#words ??= error.message
  }

  /** A failure of one part that does not concern the others: the run goes on and ends with it. */
  note(error: unknown): void {
    this.#error ??=
      error instanceof ExpectedError
        ? error
        : new RunError(error instanceof Error ? error.message : String(error), { cause: error })
  }

  /** `--fail-fast`: rows that were rejected are no failure of the run. */
  atFirstReject(): void {
    this.atRejects(behindReject)
  }

  /** Likewise, when there are too many of them. */
  atRejects(words: string): void {
    this.#words ??= words
  }
}

/** Whether a failure may be over when the run is carried on: of the network, of an overloaded service, of the login. */
export function canPass(error: unknown): boolean {
  return isPassing(error) || (error instanceof ExpectedError && passing.has(error.exit))
}

const passing: ReadonlySet<string> = new Set(['unfinished', 'denied'])
