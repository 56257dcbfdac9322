import type { SourcePosition } from '../csv/records.ts'
import { RunError } from '../errors.ts'
import { RecordFailed } from '../runs/journal-file.ts'
import type { PieceHistory } from '../runs/run-history.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import { readAnswers, recordAnswers } from './recorded-answers.ts'
import { notRecorded } from './stand-in.ts'
import {
  type PartBody,
  type PartEnd,
  type PartKind,
  PartNotSent,
  type SendRecord,
  type SentPart,
  type Transport,
} from './transport.ts'

/** A piece of work: a part, or rows of it that are sent once more. */
export interface Piece {
  /** See `pieceKey`. */
  readonly key: string
  /** Where its part begins. */
  readonly from: SourcePosition
  readonly body: PartBody
  /** What it holds; to be asked when its body has been read, or is held whole. */
  measure(): Promise<PieceMeasure>
}

export interface PieceMeasure {
  readonly to: SourcePosition
  readonly rows: number
  readonly sent: number
  readonly bytes: number
  readonly digest: string
}

/** A piece whose outcome nobody can tell any more: other pieces can be sent all the same. */
export class PieceLost extends PartNotSent {
  constructor(reason: string) {
    const error = new RunError(`the run was broken off while the row was on its way, and ${reason}`, {
      code: 'UNKNOWN_ROWS',
      hint: 'the errors file says UNKNOWN: for them; look those records up in the org before sending them again',
    })
    super({ error, mayHaveArrived: true, id: undefined })
  }
}

/** It could not be found out what became of a piece, so that nothing may be said of its rows. `cause`: why. */
export class TakeUpFailed extends Error {
  constructor(cause: unknown) {
    super('a piece could not be taken up', { cause })
    this.name = 'TakeUpFailed'
  }
}

/** What would be sent is not what was sent, so that no answer can be trusted. */
export class ResumeDiffers extends RunError {
  constructor() {
    super('what would be sent is not what was sent when the run began', {
      code: 'RESUME_DIFFERS',
      hint: 'put back the mapping, the parameters in the environment and the files that it looks up as they were then',
    })
  }
}

export interface PieceTools extends SendTools {
  readonly transport: Transport
}

export interface SendTools {
  readonly transport: Pick<Transport, 'prepare' | 'send' | 'takeUp'>
  readonly signal: AbortSignal
  /** Where the steps are written down before they are taken. */
  readonly journal: RunJournal | undefined
  /** Whether nothing new may be sent: what an earlier process has sent is taken up all the same. Default: never. */
  readonly isHeldBack?: () => boolean
}

/**
 * Sends a piece, or takes up what an earlier process of the run began: its answers, its job, or a job of which only the
 * service knows. Each step is on disk before it is taken.
 *
 * Throws `PartNotSent`; `RunError` with code `RESUME_DIFFERS` when what would be sent is not what was sent.
 */
export async function sendPiece(piece: Piece, kind: PartKind, tools: SendTools): Promise<SentPart | 'held back'> {
  const { journal, transport, signal } = tools
  if (journal === undefined) {
    await transport.prepare?.(piece.body)
    return await transport.send(kind, piece.body, signal)
  }
  const begun = journal.past?.pieces.get(piece.key)
  const taken = begun === undefined ? undefined : await takeUp(piece, begun, kind, journal, tools).catch(rethrow)
  if (taken !== undefined) return taken
  if (tools.isHeldBack?.()) return 'held back'

  await transport.prepare?.(piece.body)
  const known = piece.body.whole === undefined ? undefined : await piece.measure()
  const { digest = null, sent: rows = null } = known ?? {}
  await journal.append({ type: 'sending', key: piece.key, from: piece.from, digest, rows })
  const record: SendRecord = {
    created: (job) => journal.append({ type: 'job', key: piece.key, job }),
    uploaded: (job) => noteUpload(piece, job, journal),
  }
  const sent = await transport.send(kind, piece.body, signal, record).catch(async (error: unknown) => {
    const isSure = error instanceof PartNotSent && !error.failure.mayHaveArrived
    if (isSure) await journal.append({ type: 'unsent', key: piece.key })
    throw error
  })
  if (sent.answers) await journal.append({ type: 'answers', key: piece.key, answers: recordAnswers(sent.answers) })
  return sent
}

/** Waits for the end of a piece's job, where no earlier process has seen it, and writes it down. */
export async function finishPiece(
  key: string,
  sent: SentPart,
  { transport, signal, journal }: PieceTools,
): Promise<PartEnd> {
  const known = sent.end ?? endOf(journal?.past?.pieces.get(key), sent.id)
  if (known !== undefined) return known
  const end = await transport.finish(sent, signal)
  if (journal !== undefined && sent.id !== '') {
    const { state, accepted, rejected, errorMessage = null } = end
    await journal.append({ type: 'ended', key, job: sent.id, state, accepted, rejected, errorMessage })
  }
  return end
}

function rethrow(error: unknown): never {
  if (error instanceof PieceLost || error instanceof ResumeDiffers || error instanceof RecordFailed) throw error
  throw new TakeUpFailed(error instanceof PartNotSent ? error.failure.error : error)
}

/** Undefined when the piece must be sent. */
async function takeUp(
  piece: Piece,
  begun: PieceHistory,
  kind: PartKind,
  journal: RunJournal,
  tools: SendTools,
): Promise<SentPart | undefined> {
  const { transport, signal } = tools
  await checkSame(piece, begun)
  if (begun.answers !== undefined) return { id: '', rows: begun.answers.length, answers: readAnswers(begun.answers) }
  if (begun.job !== undefined && begun.ended !== undefined) return { id: begun.job }
  const { begunAt, job, uploaded } = begun
  const earlier = { begunAt, job, uploaded: uploaded !== undefined, knownJobs: () => journal.knownJobs() }
  const lastAt = Date.parse(journal.past?.lastAt ?? '')
  const taken = (await transport.takeUp?.(kind, piece.body, { ...earlier, lastAt }, signal)) ?? notRecorded
  if (taken.state === 'absent') return undefined
  if (taken.state === 'unsure') throw new PieceLost(taken.reason)
  const { sent } = taken
  if (sent.answers) await journal.append({ type: 'answers', key: piece.key, answers: recordAnswers(sent.answers) })
  else if (uploaded === undefined && sent.id !== '') await noteUpload(piece, sent.id, journal)
  return sent
}

/** Throws where the piece is not what it was when it was sent: answers would be given to the wrong rows. */
async function checkSame(piece: Piece, { digest, uploaded }: PieceHistory): Promise<void> {
  const told = uploaded?.digest ?? digest
  if (told !== null && told !== (await piece.measure()).digest) throw new ResumeDiffers()
}

async function noteUpload(piece: Piece, job: string, journal: RunJournal): Promise<void> {
  const { to, rows, sent, bytes, digest } = await piece.measure()
  await journal.append({ type: 'uploaded', key: piece.key, job, to, rows, sent, bytes, digest })
}

function endOf(piece: PieceHistory | undefined, job: string): PartEnd | undefined {
  const ended = piece?.ended
  if (ended === undefined || ended.job !== job) return undefined
  return { ...ended, errorMessage: ended.errorMessage ?? undefined }
}
