import { RecordTable } from './record-table.ts'
import type { InputSize, SourcePosition } from './records.ts'
import { scanBlock } from './scan-block.ts'

/** The size of a whole input that is in memory, without a step in its reading. `firstRecord`: behind the header. */
export function peekSize(text: Buffer, firstRecord: SourcePosition, delimiter: string): InputSize {
  const rest = text.subarray(firstRecord.offset)
  const rules = { delimiter, columns: undefined, maxRecordBytes: rest.length }
  const rows = RecordTable.holding(rest, firstRecord.offset, (table) => {
    scanBlock(table, rules, firstRecord.line, rest.length, true)
    return table.count
  })
  return { rows, bytes: text.length, hasControlCharacters: holdsControlCharacters(rest) }
}

/** Those below the space but tab and line ends, and the last two of the first plane: XML 1.0, section 2.2. */
function holdsControlCharacters(text: Buffer): boolean {
  for (const [place, byte] of text.entries()) {
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return true
    if (byte === 0xef && text[place + 1] === 0xbf && (text[place + 2] ?? 0) >= 0xbe) return true
  }
  return false
}
