import { setTimeout as wait } from 'node:timers/promises'
import type { LimitFunction } from 'p-limit'
import type { StopReason } from '../load/stop-reason.ts'
import { PartNotSent } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { mayHaveArrived } from '../org/retry.ts'
import type { CallTools } from '../soap/send-call.ts'
import type { StreamedField } from '../soap/streamed-field.ts'
import { writeRows } from '../soap/write-rows.ts'
import { type CallLimits, type FilesCall, isLarge } from './cut-calls.ts'
import { type FileToLink, linkFiles } from './link-files.ts'
import { readBase64 } from './local-file.ts'
import type { ManifestRow, RowToSend } from './manifest-rows.ts'
import type { AttachPlan } from './plan.ts'
import { uploadLarge } from './upload-large.ts'
import type { RowVerdict } from './verdict.ts'

export interface SendTools {
  readonly org: Org
  readonly limits: CallLimits
  /** Bounds the requests that are under way, of all calls together. */
  readonly limit: LimitFunction
  readonly stop: StopReason
  readonly signal: AbortSignal
}

/**
 * Sends the rows of a call, large bodies by themselves, and says what became of each row. Bodies are read from disk and
 * put into base64 while they leave, a piece at a time. Never throws: what ends the run is told to `stop`.
 */
export async function sendFiles(
  { rows }: FilesCall,
  plan: AttachPlan,
  tools: SendTools,
): Promise<readonly RowVerdict[]> {
  const verdicts = new Map<number, RowVerdict>()
  const together: NumberedRow[] = []
  const alone: NumberedRow[] = []
  for (const [row, content] of rows.entries()) {
    if ('reject' in content) verdicts.set(row, { verdict: 'rejected', id: '', error: content.reject })
    else (isLarge(content, tools.limits) ? alone : together).push({ row, content })
  }
  const requests = [
    ...(together.length > 0 ? [{ members: together, work: sendCall }] : []),
    ...alone.map((one) => ({ members: [one], work: sendLarge })),
  ]
  await Promise.all(
    requests.map(({ members, work }) => {
      return tools.limit(() => send(members, verdicts, tools, () => work(members, plan, tools)))
    }),
  )
  if (plan.kind.object === 'ContentVersion') await link(rows, plan, tools, verdicts)
  return rows.map(
    (_, row) => verdicts.get(row) ?? { verdict: 'unknown', id: '', error: 'there is no answer for the row' },
  )
}

interface NumberedRow {
  readonly row: number
  readonly content: RowToSend
}

async function send(
  rows: readonly NumberedRow[],
  verdicts: Map<number, RowVerdict>,
  { stop, signal }: SendTools,
  work: () => Promise<readonly RowVerdict[]>,
): Promise<void> {
  const setAll = (verdict: RowVerdict) => {
    for (const { row } of rows) verdicts.set(row, verdict)
  }
  if (stop.stopped) return setAll({ verdict: 'rejected', id: '', error: `LOCAL:not sent: ${stop.words}` })
  try {
    for (const [index, verdict] of (await work()).entries()) verdicts.set(rows[index]!.row, verdict)
  } catch (error) {
    const isSoap = error instanceof PartNotSent
    const cause = isSoap ? error.failure.error : error
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (!signal.aborted) stop.because(cause)
    const isLost = isSoap ? error.failure.mayHaveArrived : mayHaveArrived(error)
    setAll(
      isLost
        ? { verdict: 'unknown', id: '', error: `the service may have taken the row: ${reason}` }
        : { verdict: 'rejected', id: '', error: `LOCAL:not sent: ${reason}` },
    )
  }
}

async function sendCall(
  rows: readonly NumberedRow[],
  { shape, kind, load }: AttachPlan,
  { org, signal }: SendTools,
): Promise<readonly RowVerdict[]> {
  const { externalIdField } = load.kind
  const key = externalIdField === undefined ? '' : `<externalIDFieldName>${externalIdField}</externalIDFieldName>`
  const streamed = new Map<number, StreamedField>()
  for (const [index, { content }] of rows.entries()) {
    const { file } = content
    if (file !== undefined) streamed.set(index, { name: kind.body, read: () => readBase64(file) })
  }
  const cells = rows.map(({ content }) => content.cells)
  const answers = await writeRows(org, { shape, rows: cells, streamed, headers: '', key })
  return answers.map(({ verdict, id, created, error }) =>
    verdict === 'accepted' ? { verdict, id, created } : { verdict: 'rejected', id, error },
  )
}

async function sendLarge(
  [only]: readonly NumberedRow[],
  { shape, kind }: AttachPlan,
  { org, signal }: SendTools,
): Promise<readonly RowVerdict[]> {
  const { cells, file } = only!.content
  return [await uploadLarge(org, { shape, body: kind.body, cells, file: file! }, signal)]
}

/** Shows the files that were stored at the records that their rows name. */
async function link(
  rows: readonly ManifestRow[],
  { reader }: AttachPlan,
  { org, stop, signal, limit }: SendTools,
  verdicts: Map<number, RowVerdict>,
): Promise<void> {
  const document = reader.columns.indexOf('ContentDocumentId')
  const wanted = rows.flatMap((content, row): FileToLink[] => {
    const verdict = verdicts.get(row)
    if (!('cells' in content) || content.links.records.length === 0 || verdict?.verdict !== 'accepted') return []
    const isNew = verdict.created && (content.cells[document] ?? '') === ''
    return [{ row, version: verdict.id, isNew, links: content.links }]
  })
  if (wanted.length === 0) return
  const failed = await limit(() => linkFiles(org, wanted, { signal, pause }, (error) => stop.because(error)))
  for (const [row, verdict] of failed) verdicts.set(row, verdict)
}

const pause: CallTools['pause'] = async (milliseconds, signal) => {
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
