import { RunError } from '../errors.ts'
import { partOfPiece, type WrittenEntry } from '../runs/run-entries.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import type { Account } from './account.ts'
import type { OpenPart } from './cut-parts.ts'
import type { PartStart } from './cutter.ts'
import type { Part } from './part.ts'
import type { LoadPlan } from './plan.ts'
import { ResumeDiffers } from './send-piece.ts'
import { canPass, type StopReason } from './stop-reason.ts'
import type { AnsweredPart } from './transmit.ts'

/** Reasons that the summary of a run that is carried on can still tell. */
const mostReasons = 20

/**
 * How far the result files of a run are, and where a run that is carried on begins.
 *
 * After each part it is written down how long both files are, once they are on disk, while the next part is joined; a later
 * process cuts the files off there and goes on. Writing them anew out of the service's results would cost all of their
 * calls again, and is not possible for input that came once and was given up bit by bit. The last part that is in the files
 * is cut once more, which proves that input and mapping are what they were; so kept input is given up only up to there.
 */
export class RunProgress {
  readonly #journal: RunJournal | undefined
  readonly #plan: LoadPlan
  readonly #stop: StopReason
  readonly #keepsAnswers: boolean
  readonly #written: WrittenEntry | undefined
  readonly #pending = { parts: 0, rows: 0, sent: 0 }
  #latest: Promise<void> = Promise.resolve()

  /** `keepsAnswers`: whether the service can be asked later what became of a part. */
  constructor(journal: RunJournal | undefined, plan: LoadPlan, stop: StopReason, keepsAnswers: boolean) {
    this.#keepsAnswers = keepsAnswers
    this.#journal = journal
    this.#plan = plan
    this.#stop = stop
    this.#written = journal?.past?.written
    const fault = this.#written?.fault
    if (fault) stop.note(new RunError(fault.message, { code: fault.code, hint: fault.hint ?? undefined }))
  }

  /** Where cutting begins: at the last part that is in the files. */
  get start(): PartStart | undefined {
    if (this.#written === undefined) return undefined
    const { part, from, isBehindReject } = this.#written
    return { number: part, from, isBehindReject }
  }

  /** What an earlier process has counted. */
  get written(): Pick<WrittenEntry, 'rows' | 'reasons'> | undefined {
    return this.#written
  }

  /** Jobs of the parts that are in the files already. */
  get earlierJobs(): readonly string[] {
    const pieces = [...(this.#journal?.past?.pieces ?? [])]
    return pieces.flatMap(([key, { job }]) => (job !== undefined && this.#isPast(partOfPiece(key)) ? [job] : []))
  }

  /** Whether another process can go on after this one. */
  get canResume(): boolean {
    return this.#journal?.canResume === true && this.#journal.hasSent
  }

  /** Parts that wait for another process; undefined when there are none. */
  get pending(): { readonly rows: number; readonly sent: number } | undefined {
    return this.#pending.parts > 0 ? this.#pending : undefined
  }

  /** The part as it is when it is in the files already, to be proven and left alone; undefined for one that is to be sent. */
  skip(open: OpenPart): Promise<AnsweredPart> | undefined {
    return this.#isPast(open.number) ? this.#prove(open) : undefined
  }

  isWritten({ number }: Pick<Part, 'number'>): boolean {
    return this.#isPast(number)
  }

  /** Throws where a part that is in the files already is not what it was when it was sent. */
  proveWritten({ number, digest }: Pick<Part, 'number' | 'digest'>): void {
    if (number === this.#written?.part && digest !== this.#written.digest) throw new ResumeDiffers()
  }

  /**
   * Whether a part must wait for another process: its answers are not there yet although it was sent, or it was held back by
   * what made the run pause; and every part behind such a one, since rows are written in the order of the input.
   */
  isPending(answered: AnsweredPart, submitOnly: boolean): boolean {
    const { job, end, failure, withheld, waitFailure } = answered
    const isOpen = job !== undefined ? end === undefined : failure !== undefined || withheld !== undefined
    const isPaused = submitOnly || this.#stop.pause !== undefined || canPass(waitFailure)
    const isLost = failure?.mayHaveArrived === true && canPass(this.#keepsAnswers ? failure.error : failure.askFailure)
    return this.pending !== undefined || (isOpen && (isPaused || isLost)) ? this.#addPending(answered) : false
  }

  /** Whether a part must wait because its answers, which the service keeps, cannot be fetched now. */
  isUnfetched(answered: AnsweredPart, failure: unknown): boolean {
    return canPass(failure) && this.#addPending(answered)
  }

  #addPending({ part, job, failure }: AnsweredPart): boolean {
    if (this.#journal?.canResume !== true) return false
    this.#pending.parts++
    if (job !== undefined || failure?.mayHaveArrived) {
      this.#pending.rows += part.rows
      this.#pending.sent += part.sent
    }
    return true
  }

  /** Notes that a part is in the files; throws what went wrong with noting the ones before. */
  async note(part: Part, account: Account): Promise<void> {
    const { source, success, errors } = this.#plan
    if (this.#journal === undefined) return await source.release(part.to)
    await this.#latest
    const { fault } = this.#stop
    const reasons = account.reasons().slice(0, mostReasons)
    this.#latest = this.#record({
      type: 'written',
      part: part.number,
      from: part.from,
      digest: part.digest,
      ...(part.isBehindReject ? { isBehindReject: true } : {}),
      success: success.size(),
      errors: errors.size(),
      rows: { ...account.rows },
      reasons: reasons.map(({ text, count }) => ({ text: withoutValues(text), count })),
      fault: fault ? { code: fault.code, message: fault.message, hint: fault.hint ?? null } : null,
    })
    // A failure is thrown when it is asked for; until then nobody listens.
    this.#latest.catch(() => {})
  }

  /** Resolves when all that was noted is on disk. */
  async settle(): Promise<void> {
    await this.#latest
  }

  #isPast(part: number): boolean {
    return this.#written !== undefined && part <= this.#written.part
  }

  async #prove(open: OpenPart): Promise<AnsweredPart> {
    const part = await open.finishCut()
    this.proveWritten(part)
    return { part, job: undefined, end: undefined, failure: undefined, withheld: undefined }
  }

  async #record(entry: WrittenEntry): Promise<void> {
    const { source, success, errors } = this.#plan
    await success.flush()
    await errors.flush()
    await this.#journal?.append(entry)
    await source.release(entry.from)
  }
}

/** `CODE: … :fields --`: what stands between may repeat values of the row, which are no matter of the journal. */
function withoutValues(text: string): string {
  const parts = text.split(':')
  return parts.length < 3 ? `${parts[0]}: …` : `${parts[0]}: … :${parts.at(-1)}`
}
