import { randomUUID } from 'node:crypto'
import { ApiError, RunError, UnfinishedError } from '../errors.ts'
import { PartNotSent, type PlacedResult } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { serviceNull } from '../service-null.ts'
import { findRowId, type RowShape } from '../soap/render-row.ts'
import { formatRowError } from '../values/row-error.ts'
import { type LocalFile, readFile } from './local-file.ts'
import { asNotSent } from './recorded-request.ts'

/** A row whose body is too large for a call with others. */
export interface LargeRow {
  readonly shape: RowShape
  /** The field that holds the body. */
  readonly body: string
  readonly cells: readonly string[]
  readonly file: LocalFile
}

/**
 * Writes a record with a body of up to 2 GB, streamed from disk. Source: REST guide, "Insert or Update Blob Data".
 * After Ctrl-C a body that is still on its way is broken off: half a form is not carried out.
 *
 * Throws `PartNotSent`; what concerns this row alone is its answer.
 */
export async function uploadLarge(org: Org, row: LargeRow, signal: AbortSignal): Promise<PlacedResult> {
  const { shape, body, cells, file } = row
  const boundary = `sfbulk-${randomUUID()}`
  const record = JSON.stringify(renderRecord(row))
  const start = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="entity_content"\r\n` +
      `Content-Type: application/json\r\n\r\n${record}\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="${body}"; filename="body"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  )
  const end = Buffer.from(`\r\n--${boundary}--\r\n`)
  const id = shape.call.element === 'create' ? '' : findRowId(shape.columns, cells)
  let unreadable: string | undefined
  try {
    const answer = await org.send({
      method: id === '' ? 'POST' : 'PATCH',
      path: `sobjects/${shape.object.name}/${id}`.replace(/\/$/, ''),
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'content-length': String(start.length + file.size + end.length),
      },
      body: () =>
        surround(start, readUntil(file, signal), end, (reason) => {
          unreadable = reason
        }),
      repeatable: false,
    })
    const text = await answer.text()
    const created = id === '' ? readId(text) : id
    if (created === undefined) throw namesNoRecord()
    return { row: 0, verdict: 'accepted', id: created, created: id === '', error: '' }
  } catch (error) {
    const rejected = { row: 0, verdict: 'rejected', id, created: false } as const
    if (unreadable !== undefined && signal.aborted) throw interrupted()
    if (unreadable !== undefined) return { ...rejected, error: `LOCAL:${unreadable}` }
    if (isRefusal(error)) return { ...rejected, error: spellRefusal(error) }
    throw asNotSent(error)
  }
}

function namesNoRecord(): PartNotSent {
  const error = new RunError('the answer names no record', { code: 'NO_RECORD' })
  return new PartNotSent({ error, mayHaveArrived: true, id: undefined })
}

function interrupted(): PartNotSent {
  const error = new UnfinishedError('interrupted while a file was on its way', { code: 'INTERRUPTED' })
  return new PartNotSent({ error, mayHaveArrived: false, id: undefined })
}

async function* surround(
  start: Buffer,
  body: AsyncIterable<Uint8Array>,
  end: Buffer,
  onUnreadable: (reason: string) => void,
): AsyncGenerator<Uint8Array> {
  yield start
  try {
    yield* body
  } catch (error) {
    onUnreadable(error instanceof Error ? error.message : String(error))
    throw error
  }
  yield end
}

async function* readUntil(file: LocalFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of readFile(file)) {
    if (signal.aborted) throw new Error('not sent: the run was interrupted')
    yield piece
  }
}

function renderRecord({ shape, cells }: LargeRow): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const [index, { field, parent }] of shape.columns.entries()) {
    const cell = cells[index] ?? ''
    if (cell === '' || field.type === 'id') continue
    if (cell === serviceNull) values[field.name] = null
    else if (parent) values[parent.element] = { attributes: { type: parent.type }, [parent.key]: cell }
    else values[field.name] = typed(field.type, cell)
  }
  return values
}

/** JSON has types, and a text in the place of another is not always taken. What is none of its type stays a text. */
function typed(type: string, cell: string): string | number | boolean {
  const text = cell.trim().toLowerCase()
  if (type === 'boolean') return /^(true|1)$/.test(text) ? true : /^(false|0)$/.test(text) ? false : cell
  const isNumber = ['int', 'double', 'currency', 'percent'].includes(type) && /^-?\d{1,15}(\.\d+)?$/.test(text)
  return isNumber ? Number(text) : cell
}

function readId(text: string): string | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}

/** What is wrong with the record, against what is wrong with the connection, the session or the org. */
function isRefusal(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.exit === 'unfinished') return false
  return error.errorCode !== `HTTP_${error.status}` && [400, 403, 404, 409, 413].includes(error.status)
}

function spellRefusal({ errorCode, message }: ApiError): string {
  const isNamed = message.startsWith(`${errorCode}: `)
  const text = isNamed ? message.slice(errorCode.length + 2) : message
  return formatRowError({ statusCode: errorCode, message: text, fields: [] })
}
