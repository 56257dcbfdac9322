import { type ReadBytes, readBuffer, readChunks } from '../csv/byte-readers.ts'
import { cellText, recordCells } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import { scanRecords } from '../csv/scan.ts'
import { type ReadField, type ReadTools, readRecords } from '../extract/read-records.ts'
import { standIn } from '../load/stand-in.ts'
import type { PartBody, Transport } from '../load/transport.ts'
import type { ImageStore } from './image-store.ts'

/** What is read of the records of a part before it is sent. */
export interface FormerValues {
  readonly store: ImageStore
  readonly object: string
  /** The field by which rows name their records. */
  readonly key: ReadField
}

/**
 * A transport that keeps the records of each part as they are before it sends the part. What was kept already stands, so that a
 * run that is carried on, or a record that comes twice, keeps its state before the run.
 */
export function keepFormerValues(transport: Transport, values: FormerValues, tools: ReadTools): Transport {
  return standIn(() => transport, { prepare: (body) => keepPart(values, body, tools) })
}

async function keepPart({ store, object, key }: FormerValues, body: PartBody, tools: ReadTools): Promise<void> {
  if (store.isWhole) return
  const keys = store.collectKeys()
  try {
    for await (const some of readKeys(body, key.name)) keys.add(some)
    const query = { object, fields: store.fields, key, all: false }
    let isWhole = false
    const onWhole = () => {
      isWhole = true
    }
    const read = readRecords(query, keys.keys(), keys.count(), { ...tools, onWhole })
    for await (const rows of read) store.keep('before', rows, 'all')
    if (isWhole) store.markWhole()
  } finally {
    keys.drop()
  }
}

/** The cells of one column of a part, block by block; empty ones are left out. */
async function* readKeys(body: PartBody, name: string): AsyncGenerator<readonly string[]> {
  let column: number | undefined
  for await (const block of scanRecords(bytesOf(body), { delimiter: ',' })) {
    const from = column === undefined ? 1 : 0
    column ??= recordCells(block, 0).indexOf(name)
    const cells = Array.from({ length: block.count - from }, (_, row) => cellOf(block, row + from, column ?? 0))
    yield cells.filter((cell) => cell !== '')
  }
}

function cellOf(block: RecordBlock, record: number, column: number): string {
  return cellText(block, block.firstCell[record]! + column).trim()
}

function bytesOf({ whole, stream }: PartBody): ReadBytes {
  return whole ? readBuffer(whole) : readChunks(stream())
}
