import { readChunks } from '../../src/csv/byte-readers.ts'
import { recordCells, recordText } from '../../src/csv/cells.ts'
import type { recordFault } from '../../src/csv/records.ts'
import { type ScanOptions, scanRecords } from '../../src/csv/scan.ts'

export interface ScannedRecord {
  readonly cells: readonly string[]
  readonly text: string
  readonly line: number
  readonly fault: keyof typeof recordFault
  readonly traits: number
  /** First and last byte in the input. */
  readonly from: number
  readonly to: number
}

/** Scans an input given in pieces of `pieceBytes` and copies every record, since blocks are reused. */
export async function scanWhole(
  input: Buffer | string,
  options: Partial<ScanOptions> & { readonly pieceBytes?: number } = {},
): Promise<ScannedRecord[]> {
  const { pieceBytes = 65536, ...scanOptions } = options
  const read = readChunks(inPieces(Buffer.from(input), pieceBytes))
  const records: ScannedRecord[] = []
  for await (const block of scanRecords(read, { delimiter: ',', ...scanOptions })) {
    for (let record = 0; record < block.count; record++) {
      records.push({
        cells: recordCells(block, record),
        text: recordText(block, record),
        line: block.line[record] ?? Number.NaN,
        fault: faultNames[block.fault[record] ?? -1] ?? 'none',
        traits: block.traits[record] ?? -1,
        from: block.offset + (block.recordStart[record] ?? Number.NaN),
        to: block.offset + (block.recordEnd[record] ?? Number.NaN),
      })
    }
  }
  return records
}

const faultNames: readonly (keyof typeof recordFault)[] = ['none', 'quote', 'encoding', 'ragged', 'length']

async function* inPieces(input: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < input.length; at += pieceBytes) yield input.subarray(at, at + pieceBytes)
}
