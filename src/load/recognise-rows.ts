import { readBuffer } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import { scanRecords } from '../csv/scan.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import { type NameRow, openRowNames } from './row-names.ts'
import type { EchoedResults, Recognised } from './transport.ts'

/**
 * Whether the answers of a job repeat the rows of a CSV that was sent: all, each of them as often as it stands there and no
 * other; some; or none. Values are compared as the join compares them, since the service spells some of them anew. It may do
 * so with others than those that are known, so that some rows may mean all of them.
 *
 * @param csv a small part: its rows are held in memory, a hash for each
 */
export async function recogniseRows(
  mapping: CompiledMapping,
  csv: Buffer,
  answers: AsyncIterable<EchoedResults>,
): Promise<Recognised> {
  const left = await countSent(mapping, csv)
  let known = 0
  let others = 0
  for await (const { header, records } of answers) {
    const nameRow = await openRowNames(mapping, header)
    if (nameRow === undefined) return 'none'
    for (let record = 0; record < records.count; record++) {
      const name = nameRow(records, record)
      const count = left.get(name) ?? 0
      if (count === 0) others++
      else known++
      if (count === 1) left.delete(name)
      else if (count > 1) left.set(name, count - 1)
    }
  }
  if (left.size === 0 && others === 0) return 'all'
  return known > 0 ? 'some' : 'none'
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
