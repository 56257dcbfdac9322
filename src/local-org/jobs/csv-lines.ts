import { columnDelimiters, type Job, lineEndings } from './job.ts'

/** How lines of a result are written: the delimiter and line ending of the job. */
export interface CsvStyle {
  readonly delimiter: string
  readonly lineEnding: string
}

export function styleOf(job: Pick<Job, 'columnDelimiter' | 'lineEnding'>): CsvStyle {
  return { delimiter: columnDelimiters[job.columnDelimiter], lineEnding: lineEndings[job.lineEnding] }
}

/** A line with every cell in quotes. */
export function quotedLine(cells: readonly string[], { delimiter, lineEnding }: CsvStyle): string {
  let line = ''
  for (const [index, cell] of cells.entries()) line += (index === 0 ? '' : delimiter) + quote(cell)
  return line + lineEnding
}

export function quote(cell: string): string {
  return cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : `"${cell}"`
}
