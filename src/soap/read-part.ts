import { type ReadBytes, readBuffer, readChunks } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import { scanRecords } from '../csv/scan.ts'
import type { PartBody } from '../load/transport.ts'

/** The cells of a part, which is small. */
export interface PartRows {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Reads a part back from its CSV. */
export async function readPart(body: PartBody): Promise<PartRows> {
  const records: string[][] = []
  for await (const block of scanRecords(readBytes(body), { delimiter: ',' })) {
    for (let record = 0; record < block.count; record++) records.push(recordCells(block, record))
  }
  const [header = [], ...rows] = records
  return { header, rows }
}

function readBytes({ whole, stream }: PartBody): ReadBytes {
  return whole ? readBuffer(whole) : readChunks(stream())
}
