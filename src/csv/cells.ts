import type { RecordBlock } from './records.ts'

/**
 * Text of cell `k` of a block (`k` counts through the block, see `RecordBlock.firstCell`): quotes taken off, doubled
 * quotes made single. A cell that begins with a quote but is not properly quoted, as in a record with the fault `quote`,
 * is given as it stands.
 */
export function cellText(block: RecordBlock, k: number): string {
  return unquoteCell(block.bytes.toString('utf8', block.cellStart[k], block.cellEnd[k]))
}

/** Texts of all cells of one record. */
export function recordCells(block: RecordBlock, record: number): string[] {
  const cells: string[] = []
  for (let k = block.firstCell[record]!; k < block.firstCell[record + 1]!; k++) cells.push(cellText(block, k))
  return cells
}

/** A record as it stands in the file, quotes included, without its line end. */
export function recordText(block: RecordBlock, record: number): string {
  return block.bytes.toString('utf8', block.recordStart[record], block.recordEnd[record])
}

/** A cell as it must be written: quoted where the text would not be read back as one cell otherwise. */
export function quoteCell(text: string, delimiter: string): string {
  const mustQuote = text.includes(delimiter) || /["\r\n]/.test(text)
  return mustQuote ? `"${text.replaceAll('"', '""')}"` : text
}

function unquoteCell(written: string): string {
  if (!written.startsWith('"') || !written.endsWith('"') || written.length < 2) return written
  const inner = written.slice(1, -1)
  if (!inner.includes('"')) return inner
  const isProper = !inner.replaceAll('""', '').includes('"')
  return isProper ? inner.replaceAll('""', '"') : written
}
