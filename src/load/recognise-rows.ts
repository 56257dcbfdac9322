import { readBuffer } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import { scanRecords } from '../csv/scan.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import { type NameRow, openRowNames } from './row-names.ts'
import type { EchoedResults } from './transport.ts'

/**
 * Whether the answers of a job repeat the rows of a CSV that was sent: each of them as often as it stands there, and no
 * other. Values are compared as the join compares them, since the service spells some of them anew.
 *
 * @param csv a small part: its rows are held in memory, a hash for each
 */
export async function recogniseRows(
  mapping: CompiledMapping,
  csv: Buffer,
  answers: AsyncIterable<EchoedResults>,
): Promise<boolean> {
  const left = await countSent(mapping, csv)
  for await (const { header, records } of answers) {
    const nameRow = await openRowNames(mapping, header)
    if (nameRow === undefined) return false
    for (let record = 0; record < records.count; record++) {
      const name = nameRow(records, record)
      const count = left.get(name) ?? 0
      if (count === 0) return false
      if (count === 1) left.delete(name)
      else left.set(name, count - 1)
    }
  }
  return left.size === 0
}

/** How often each row stands in a CSV of the sent columns. */
async function countSent(mapping: CompiledMapping, csv: Buffer): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let nameRow: NameRow | undefined
  for await (const block of scanRecords(readBuffer(csv), { delimiter: ',' })) {
    let record = 0
    if (nameRow === undefined) {
      nameRow = await openRowNames(mapping, recordCells(block, 0))
      record = 1
    }
    for (; nameRow !== undefined && record < block.count; record++) {
      const name = nameRow(block, record)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return counts
}
