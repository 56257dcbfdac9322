import { UsageError } from '../errors.ts'
import type { Encoding } from './encoding.ts'
import { RecordTable } from './record-table.ts'
import { type Dialect, recordFault } from './records.ts'
import { type ScanRules, scanBlock } from './scan-block.ts'

/** The delimiters that are understood, by the names that options and the Bulk API have for them. */
export const delimiters = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
  caret: '^',
  backquote: '`',
} as const satisfies Record<string, string>

/** Bytes that are tried with each delimiter: some hundred rows. Where the first line is longer, all that is there. */
const triedBytes = 64 * 1024

/** A quoted cell longer than this says that the delimiter is the wrong one, not that the cell is long. */
const triedRecordBytes = 16 * 1024

/**
 * How a CSV is written. The delimiter is the one that gives most of the first records as many cells as the header has,
 * quotes considered, and of several such ones the one with most cells; a file of one column has the comma.
 *
 * @param text the first bytes of the decoded file, without byte order mark
 * @param complete whether that is the whole file
 * @param told the delimiter, where the user named it
 * @throws UsageError for a delimiter that is not among `delimiters`
 */
export function detectDialect(text: Buffer, complete: boolean, encoding: Encoding, told: string | undefined): Dialect {
  const delimiter = told === undefined ? detectDelimiter(text, complete) : checkDelimiter(told)
  return {
    delimiter,
    lineEnding: detectLineEnding(text, delimiter),
    bom: encoding.bomBytes > 0,
    encoding: encoding.name,
  }
}

function checkDelimiter(told: string): string {
  if (Object.values<string>(delimiters).includes(told)) return told
  throw new UsageError(`unknown delimiter: ${JSON.stringify(told)}`, {
    code: 'UNKNOWN_DELIMITER',
    hint: `use one of ${Object.keys(delimiters).join(', ')}`,
  })
}

function detectDelimiter(text: Buffer, complete: boolean): string {
  const tried = triedPart(text)
  const isWhole = complete && tried.length === text.length
  return RecordTable.holding(tried, 0, (table) => {
    let best = { delimiter: ',', share: 0, cells: 1 }
    for (const delimiter of Object.values(delimiters)) {
      scanBlock(table, triedRules(delimiter), 1, tried.length, isWhole)
      const fit = rateFit(table)
      if (fit.cells > 1 && (fit.share > best.share || (fit.share === best.share && fit.cells > best.cells))) {
        best = { delimiter, ...fit }
      }
    }
    return best.delimiter
  })
}

function triedPart(text: Buffer): Buffer {
  const first = text.subarray(0, triedBytes)
  return first.includes(0x0a) || first.includes(0x0d) ? first : text
}

function triedRules(delimiter: string): ScanRules {
  return { delimiter, columns: undefined, maxRecordBytes: triedRecordBytes }
}

/** Tenths of the records that have as many cells as the first one, and how many that are. */
function rateFit({ count, firstCell, fault }: RecordTable): { share: number; cells: number } {
  const cells = count === 0 ? 0 : firstCell[1]! - firstCell[0]!
  let alike = 0
  for (let record = 0; record < count; record++) {
    if (fault[record] !== recordFault.quote && firstCell[record + 1]! - firstCell[record]! === cells) alike++
  }
  return { share: count === 0 ? 0 : Math.round((10 * alike) / count), cells }
}

/** The first line end outside quotes. */
function detectLineEnding(text: Buffer, delimiter: string): Dialect['lineEnding'] {
  const tried = triedPart(text)
  const at = RecordTable.holding(tried, 0, (table) => {
    scanBlock(table, triedRules(delimiter), 1, tried.length, true)
    return table.count === 0 ? 0 : table.recordEnd[0]!
  })
  if (tried[at] !== 0x0d) return '\n'
  return text[at + 1] === 0x0a ? '\r\n' : '\r'
}
