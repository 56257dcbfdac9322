import type { SoapCall } from './calls.ts'

/** A field of a row whose text is made while it is sent, such as the body of a file in base64. */
export interface StreamedField {
  readonly name: string
  /** XML text, escaped where it needs to be; from its beginning each time. An error's message says why the row is not sent. */
  read(): AsyncIterable<Uint8Array>
}

/** The text of a field could not be made. The envelope then never ended, so that nothing of the call was carried out. */
export class FieldUnreadable extends Error {
  /** The row, by its place in the call, and why. */
  readonly rows: ReadonlyMap<number, string>

  constructor(row: number, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    super(message, { cause })
    this.name = 'FieldUnreadable'
    this.rows = new Map([[row, message.startsWith('LOCAL:') ? message : `LOCAL:${message}`]])
  }
}

interface RenderedRecord {
  readonly xml: string
  readonly field: StreamedField | undefined
}

/** The body of a call: as text, or to be made piece by piece where a row has a streamed field. */
export function renderCall(
  { element }: SoapCall,
  key: string,
  rows: readonly RenderedRecord[],
): string | (() => AsyncIterable<Uint8Array>) {
  const start = `<${element}>${key}`
  const end = `</${element}>`
  if (rows.every(({ field }) => field === undefined)) return `${start}${rows.map(({ xml }) => xml).join('')}${end}`
  return () => streamCall(start, rows, end)
}

const recordEnd = '</sObjects>'

async function* streamCall(start: string, rows: readonly RenderedRecord[], end: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(start)
  for (const [row, { xml, field }] of rows.entries()) {
    if (field === undefined) {
      yield Buffer.from(xml)
      continue
    }
    yield Buffer.from(`${xml.slice(0, -recordEnd.length)}<o:${field.name}>`)
    yield* readField(row, field)
    yield Buffer.from(`</o:${field.name}>${recordEnd}`)
  }
  yield Buffer.from(end)
}

async function* readField(row: number, field: StreamedField): AsyncGenerator<Uint8Array> {
  try {
    yield* field.read()
  } catch (error) {
    throw new FieldUnreadable(row, error)
  }
}
