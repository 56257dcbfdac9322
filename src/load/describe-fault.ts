import { cellText } from '../csv/cells.ts'
import { type RecordBlock, recordFault } from '../csv/records.ts'

/**
 * The sentence for a row whose bytes are no good CSV; `columns`: cells that the header has. What stands beyond those has no
 * column in the errors file: it is kept in the sentence, whatever is wrong with the row.
 */
export function describeFault(block: RecordBlock, record: number, columns: number): string {
  const first = block.firstCell[record]!
  const end = block.firstCell[record + 1]!
  const beyond = first + columns < end ? `; beyond the header: ${textOf(block, first + columns, end)}` : ''
  return `LOCAL:${describeReason(block.fault[record], end - first, columns)}${beyond}`
}

/** More cells than this are given as they stand in the file: a line of a megabyte may have as many cells. */
const mostParted = 1000

function textOf(block: RecordBlock, first: number, end: number): string {
  const { bytes, cellStart, cellEnd } = block
  if (end - first > mostParted) return bytes.toString('utf8', cellStart[first], cellEnd[end - 1])
  const texts: string[] = []
  for (let cell = first; cell < end; cell++) texts.push(cellText(block, cell))
  return texts.join(' | ')
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
