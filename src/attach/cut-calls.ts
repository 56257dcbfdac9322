import type { CsvSource, RecordBlock, SourcePosition } from '../csv/records.ts'
import { orAborted } from '../load/cutter.ts'
import type { Digest } from '../load/digest.ts'
import type { RowEncoder } from '../load/encode-row.ts'
import type { Part } from '../load/part.ts'
import type { ManifestReader, ManifestRow } from './manifest-rows.ts'

/** What one call may hold. */
export interface CallLimits {
  /** Source: SOAP API guide, "create()". */
  readonly mostRows: number
  /** Of the envelope. The service takes 50 MB; some is left for its headers. */
  readonly mostBytes: number
  /** Bodies above it go by REST, each with a request of its own. */
  readonly largestInCall: number
}

export const callLimits: CallLimits = { mostRows: 200, mostBytes: 45_000_000, largestInCall: 30_000_000 }

/** A range of the manifest whose rows fit into one call, those that go by themselves or not at all between them. */
export interface FilesCall {
  readonly part: Part
  /** The rows of the range that are sound CSV, in order. */
  readonly rows: readonly ManifestRow[]
}

/** Rows of a range that are in no call, and bodies that go by themselves: what became of them is written when it ends. */
const mostOtherRows = 1_000
const mostLarge = 20

/** Whether a row's body goes by itself. */
export function isLarge(row: ManifestRow, { largestInCall }: CallLimits): boolean {
  return 'cells' in row && row.file !== undefined && row.file.size > largestInCall
}

/**
 * Rows of a manifest in calls that are as full as they may be, by rows and by the bytes that bodies will have in base64.
 * The bodies themselves are not read.
 */
export async function* cutCalls(
  source: Pick<CsvSource, 'records'>,
  encoder: Pick<RowEncoder, 'hold'>,
  reader: Pick<ManifestReader, 'read'>,
  limits: CallLimits,
  { onRead, until, onLeft, start, digest }: ReadHooks,
): AsyncGenerator<FilesCall> {
  let open: OpenCall | undefined
  let number = start?.number ?? 1
  let read = 0
  const blocks = source.records(start?.from)
  for (;;) {
    const next = await orAborted(blocks.next(), until)
    if (next === 'aborted') onLeft?.()
    if (next === 'aborted' || next.done) break
    const block = next.value
    read += block.count
    onRead(read)
    for (let record = 0; record < block.count; record++) {
      const row = encoder.hold(block, record) === undefined ? await reader.read(block, record) : undefined
      if (open !== undefined && !open.hasRoomFor(row)) {
        yield open.close(number++)
        open = undefined
      }
      open ??= new OpenCall(startOf(block, record), limits, digest?.())
      open.add(row, endOf(block, record))
    }
  }
  if (open !== undefined) yield open.close(number)
}

export interface ReadHooks {
  /** Told with each block of the rows that were read so far. */
  readonly onRead: (rows: number) => void
  /** When it is aborted the manifest counts as ended, also while it is being waited for. */
  readonly until: AbortSignal | undefined
  /** Told when that has kept the rest of it from being read. */
  readonly onLeft?: (() => void) | undefined
  /** The first call and where it begins, for a run that is carried on. Default: the first row. */
  readonly start?: { readonly number: number; readonly from: SourcePosition } | undefined
  /** Given when what is sent is recorded. */
  readonly digest?: (() => Digest) | undefined
}

class OpenCall {
  readonly #limits: CallLimits
  readonly #from: SourcePosition
  readonly #digest: Digest | undefined
  readonly #rows: ManifestRow[] = []
  #to: SourcePosition
  #count = 0
  #together = 0
  #large = 0
  #bytes = 0

  constructor(from: SourcePosition, limits: CallLimits, digest: Digest | undefined) {
    this.#from = from
    this.#digest = digest
    this.#to = from
    this.#limits = limits
  }

  /** Undefined stands for a row that is no sound CSV. */
  hasRoomFor(row: ManifestRow | undefined): boolean {
    const { mostRows, mostBytes } = this.#limits
    if (!this.#isTogether(row)) return this.#count - this.#together < mostOtherRows && this.#large < mostLarge
    return this.#together === 0 || (this.#together < mostRows && this.#bytes + row.bytes <= mostBytes)
  }

  add(row: ManifestRow | undefined, to: SourcePosition): void {
    this.#to = to
    this.#count++
    if (row !== undefined) this.#rows.push(row)
    // A file is known again by its size and time, as the manifest is: it may be too large to be read twice.
    this.#digest?.update(Buffer.from(`${JSON.stringify(row ?? null)}\n`))
    if (row !== undefined && isLarge(row, this.#limits)) this.#large++
    if (!this.#isTogether(row)) return
    this.#together++
    this.#bytes += row.bytes
  }

  close(number: number): FilesCall {
    const sent = this.#rows.filter((row) => 'cells' in row).length
    const range = { number, from: this.#from, to: this.#to, rows: this.#count, sent, bytes: this.#bytes }
    return {
      part: { ...range, digest: this.#digest?.end() ?? '', places: undefined, keys: undefined },
      rows: this.#rows,
    }
  }

  #isTogether(row: ManifestRow | undefined): row is Extract<ManifestRow, { readonly cells: unknown }> {
    return row !== undefined && 'cells' in row && !isLarge(row, this.#limits)
  }
}

function startOf(block: RecordBlock, record: number): SourcePosition {
  return { offset: block.offset + block.recordStart[record]!, line: block.line[record]! }
}

/** Just behind the record's last byte; its line is not needed to stop there. */
function endOf(block: RecordBlock, record: number): SourcePosition {
  return { offset: block.offset + block.recordEnd[record]!, line: block.line[record]! }
}
