import type { LimitFunction } from 'p-limit'
import { ResumeDiffers, TakeUpFailed } from '../load/send-piece.ts'
import type { StopReason } from '../load/stop-reason.ts'
import type { PlacedResult, SendFailure } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { RecordFailed } from '../runs/journal-file.ts'
import { pieceKey } from '../runs/run-entries.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import { settleAll } from '../settle-all.ts'
import type { CallTools } from '../soap/send-call.ts'
import { type AskableRows, askableCall, type FindWritten } from '../soap/settle-call.ts'
import type { StreamedField } from '../soap/streamed-field.ts'
import { type CallLimits, type FilesCall, isLarge } from './cut-calls.ts'
import { findStored, roughName } from './find-stored.ts'
import { type FileToLink, linkFiles } from './link-files.ts'
import { readBase64 } from './local-file.ts'
import type { RowToSend } from './manifest-rows.ts'
import type { AttachPlan } from './plan.ts'
import { asNotSent, type RequestTools, sendRecorded } from './recorded-request.ts'
import type { StoredIds } from './stored-ids.ts'
import { uploadLarge } from './upload-large.ts'

export interface SendTools {
  readonly org: Org
  readonly limits: CallLimits
  /** Bounds the requests that are under way, of all calls together. */
  readonly limit: LimitFunction
  readonly stop: StopReason
  readonly signal: AbortSignal
  readonly journal: RunJournal | undefined
  readonly stored: StoredIds
  /** Asks the org for records that are changed or deleted. */
  readonly findWritten: FindWritten
  readonly pause: CallTools['pause']
}

/** What became of the rows of a call. */
export interface SentFiles {
  /** By the place of the row among those that are sound CSV. */
  readonly answers: readonly PlacedResult[]
  /** Why requests of it were not made; undefined when all were. */
  readonly withheld: string | undefined
  /** Why it is not known what became of one of its requests. */
  readonly failure: SendFailure | undefined
  /** Whether a request of it was answered. */
  readonly isBegun: boolean
}

/**
 * Sends the rows of a call, large bodies by themselves, and says what became of each row. Bodies are read from disk and
 * put into base64 while they leave, a piece at a time. What ends the run is told to `stop`; what is thrown leaves nothing to
 * conclude: of the journal, and of files that are not what they were.
 */
export async function sendFiles(call: FilesCall, plan: AttachPlan, tools: SendTools): Promise<SentFiles> {
  const { rows, part } = call
  const state: CallState = { answers: new Map(), withheld: undefined, failure: undefined, isBegun: false }
  const together: NumberedRow[] = []
  const alone: NumberedRow[] = []
  for (const [row, content] of rows.entries()) {
    if ('reject' in content) state.answers.set(row, reject(row, content.reject))
    else (isLarge(content, tools.limits) ? alone : together).push({ row, content })
  }
  const names = new Set([...together, ...alone].map(({ content }) => roughName(content, namesOf(plan))))
  tools.stored.begin(names)
  const requests = [
    ...(together.length > 0 ? [{ key: pieceKey(part.number), members: together, made: callOf }] : []),
    ...alone.map((one, index) => ({ key: pieceKey(part.number, 1, index + 1), members: [one], made: uploadOf })),
  ]
  await settleAll(
    requests.map(({ key, members, made }) =>
      tools.limit(() => send(key, call, members, made(members, plan, tools), state, tools)),
    ),
  ).finally(() => tools.stored.end(names))
  if (plan.kind.object === 'ContentVersion') await link(call, plan, tools, state)
  const answers = rows.map((_, row) => state.answers.get(row) ?? unknown(row, 'there is no answer for the row'))
  return { answers, withheld: state.withheld, failure: state.failure, isBegun: state.isBegun }
}

interface CallState {
  readonly answers: Map<number, PlacedResult>
  withheld: string | undefined
  failure: SendFailure | undefined
  isBegun: boolean
}

interface NumberedRow {
  readonly row: number
  readonly content: RowToSend
}

async function send(
  key: string,
  { part }: FilesCall,
  members: readonly NumberedRow[],
  rows: AskableRows,
  state: CallState,
  tools: SendTools,
): Promise<void> {
  const { stop, stored } = tools
  const setAll = (answer: (row: number) => PlacedResult) => {
    for (const { row } of members) state.answers.set(row, answer(row))
  }
  const hold = () => {
    state.withheld = stop.words
    setAll((row) => reject(row, `LOCAL:not sent: ${stop.words}`))
  }
  try {
    const answers = await sendRecorded({ key, measure: part, rows }, requestTools(tools))
    if (answers === 'held back') return hold()
    state.isBegun = true
    for (const answer of answers) {
      if (answer.id !== '') stored.add(answer.id)
      state.answers.set(members[answer.row]!.row, { ...answer, row: members[answer.row]!.row })
    }
  } catch (error) {
    const failure = judgeFailure(error, state, tools)
    const { message } = failure.error
    if (failure.mayHaveArrived) setAll((row) => unknown(row, `the service may have taken the row: ${message}`))
    else setAll((row) => reject(row, `LOCAL:not sent: ${message}`))
  }
}

/** Notes a failure of a request; throws it where nothing may be concluded from it. */
function judgeFailure(error: unknown, state: CallState, { stop, signal }: SendTools): SendFailure {
  if (error instanceof RecordFailed || error instanceof ResumeDiffers) throw error
  if (error instanceof TakeUpFailed) throw error.cause
  const { failure } = asNotSent(error)
  if (!signal.aborted) stop.because(failure.error)
  state.failure ??= failure
  return failure
}

function requestTools({ signal, journal, stop, pause }: SendTools): RequestTools {
  return { signal, pause, journal, isHeldBack: () => stop.stopped }
}

function callOf(members: readonly NumberedRow[], plan: AttachPlan, tools: SendTools): AskableRows {
  const { shape, kind, load } = plan
  const { externalIdField } = load.kind
  const key = externalIdField === undefined ? '' : `<externalIDFieldName>${externalIdField}</externalIDFieldName>`
  const streamed = new Map<number, StreamedField>()
  for (const [index, { content }] of members.entries()) {
    const { file } = content
    if (file !== undefined) streamed.set(index, { name: kind.body, read: () => readBase64(file) })
  }
  const rows = members.map(({ content }) => content.cells)
  const call = askableCall(tools.org, { shape, rows, streamed, headers: '', key }, tools.findWritten, externalIdField)
  return { ...call, ask: askFor(members, plan, tools) ?? call.ask }
}

function uploadOf([only]: readonly NumberedRow[], plan: AttachPlan, tools: SendTools): AskableRows {
  const { shape, kind } = plan
  const { cells, file } = only!.content
  const { externalIdField } = plan.load.kind
  return {
    count: 1,
    ask:
      askFor([only!], plan, tools) ??
      ((_, since) => tools.findWritten({ shape, rows: [cells], since, externalIdField })),
    send: async () => [await uploadLarge(tools.org, { shape, body: kind.body, cells, file: file! }, tools.signal)],
  }
}

/** How the org is asked for new files; undefined for records that are there already. */
function askFor(members: readonly NumberedRow[], plan: AttachPlan, tools: SendTools): AskableRows['ask'] | undefined {
  if (plan.shape.call.element !== 'create') return undefined
  const { org, stored, signal } = tools
  return (places, since) => {
    const rows = places.map((place) => members[place]!.content)
    return findStored(rows, since, { org, stored, signal, ...namesOf(plan) })
  }
}

function namesOf({ kind, reader }: AttachPlan) {
  return { kind, columns: reader.columns }
}

/** Shows the files that were stored at the records that their rows name. */
async function link(
  { rows, part }: FilesCall,
  { reader }: AttachPlan,
  tools: SendTools,
  state: CallState,
): Promise<void> {
  const { org, limit, stop } = tools
  const document = reader.columns.indexOf('ContentDocumentId')
  const wanted = rows.flatMap((content, row): FileToLink[] => {
    const answer = state.answers.get(row)
    if (!('cells' in content) || content.links.records.length === 0 || answer?.verdict !== 'accepted') return []
    const isNew = answer.created && (content.cells[document] ?? '') === ''
    return [{ row, version: answer.id, isNew, links: content.links }]
  })
  if (wanted.length === 0) return
  // A run that is carried on links all files of the call together.
  const isEarly = state.failure !== undefined || (state.withheld !== undefined && stop.pause !== undefined)
  const waits = isEarly && tools.journal?.canResume === true
  // Files that are stored are linked also when nothing more is sent, unless the run can be carried on.
  const linkTools = { ...requestTools(tools), isHeldBack: () => stop.pause !== undefined }
  try {
    const linked = waits ? 'held back' : await limit(() => linkFiles(org, wanted, part, linkTools))
    if (linked !== 'held back') {
      for (const answer of linked) state.answers.set(answer.row, answer)
      return
    }
    state.withheld ??= stop.words
  } catch (error) {
    const { error: cause, mayHaveArrived } = judgeFailure(error, state, tools)
    if (!mayHaveArrived) state.withheld = cause.message
  }
  for (const { row, version } of wanted) {
    const reason = state.failure?.error.message ?? stop.words
    const text = `the file is stored as ${version}, and whether it is linked is not known: ${reason}`
    state.answers.set(row, { row, verdict: 'unknown', id: version, created: false, error: text })
  }
}

function reject(row: number, error: string): PlacedResult {
  return { row, verdict: 'rejected', id: '', created: false, error }
}

function unknown(row: number, error: string): PlacedResult {
  return { row, verdict: 'unknown', id: '', created: false, error }
}
