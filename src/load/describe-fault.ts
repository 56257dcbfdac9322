import { cellText } from '../csv/cells.ts'
import { type RecordBlock, recordFault } from '../csv/records.ts'

/** The sentence for a row whose bytes are no good CSV; `columns`: cells that the header has. */
export function describeFault(block: RecordBlock, record: number, columns: number): string {
  const cells = block.firstCell[record + 1]! - block.firstCell[record]!
  switch (block.fault[record]) {
    case recordFault.quote:
      return 'LOCAL:a quote is opened and not closed before the cell ends; the line is read by itself'
    case recordFault.encoding:
      return 'LOCAL:the row holds bytes that are no characters in the encoding of the file; name the right one with --encoding, such as windows-1252'
    case recordFault.length:
      return 'LOCAL:the row is longer than the 400,000 characters that Salesforce takes'
    default: {
      const extra: string[] = []
      for (let i = columns; i < cells; i++) extra.push(cellText(block, block.firstCell[record]! + i))
      const beyond = extra.length > 0 ? `; beyond the header: ${extra.join(' | ')}` : ''
      return `LOCAL:the row has ${cells} ${cells === 1 ? 'cell' : 'cells'} where the header has ${columns}${beyond}`
    }
  }
}
