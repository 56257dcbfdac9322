import { readBuffer } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import { scanRecords } from '../csv/scan.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import { type RowKeys, resultKeys } from './row-keys.ts'
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
  if (left === undefined) return false
  for await (const { header, records } of answers) {
    const keys = await resultKeys(mapping, header)
    if ('missing' in keys) return false
    for (let record = 0; record < records.count; record++) {
      const name = nameRow(keys, records, record)
      const count = left.get(name) ?? 0
      if (count === 0) return false
      if (count === 1) left.delete(name)
      else left.set(name, count - 1)
    }
  }
  return left.size === 0
}

/** How often each row stands in a CSV of the sent columns. */
async function countSent(mapping: CompiledMapping, csv: Buffer): Promise<Map<string, number> | undefined> {
  const counts = new Map<string, number>()
  let keys: RowKeys | undefined
  for await (const block of scanRecords(readBuffer(csv), { delimiter: ',' })) {
    const isFirst = keys === undefined
    const opened: Awaited<ReturnType<typeof resultKeys>> = keys ?? (await resultKeys(mapping, recordCells(block, 0)))
    if ('missing' in opened) return undefined
    keys = opened
    for (let record = isFirst ? 1 : 0; record < block.count; record++) {
      const name = nameRow(keys, block, record)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return counts
}

function nameRow(keys: RowKeys, block: RecordBlock, record: number): string {
  const { low, high } = keys.content(block, record)
  return `${high} ${low}`
}
