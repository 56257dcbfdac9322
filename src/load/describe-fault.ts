import { cellText } from '../csv/cells.ts'
import { type RecordBlock, recordFault } from '../csv/records.ts'

/**
 * The sentence for a row whose bytes are no good CSV; `columns`: cells that the header has. What stands beyond those has no
 * column in the errors file: it is kept in the sentence, whatever is wrong with the row.
 */
export function describeFault(block: RecordBlock, record: number, columns: number): string {
  const first = block.firstCell[record]!
  const end = block.firstCell[record + 1]!
  const extra: string[] = []
  for (let cell = first + columns; cell < end; cell++) extra.push(cellText(block, cell))
  const beyond = extra.length > 0 ? `; beyond the header: ${extra.join(' | ')}` : ''
  return `LOCAL:${describeReason(block.fault[record], end - first, columns)}${beyond}`
}

function describeReason(fault: number | undefined, cells: number, columns: number): string {
  switch (fault) {
    case recordFault.quote:
      return 'a quote is opened and not closed before the cell ends; the line is read by itself'
    case recordFault.encoding:
      return 'the row holds bytes that are no characters in the encoding of the file; name the right one with --encoding, such as windows-1252'
    case recordFault.length:
      return 'the row is longer than the 400,000 characters that Salesforce takes'
    default:
      return `the row has ${cells} ${cells === 1 ? 'cell' : 'cells'} where the header has ${columns}`
  }
}
