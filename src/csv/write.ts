import { stringify } from 'csv-stringify/sync'
import type { Dialect } from './records.ts'

/**
 * Text of a small CSV, line end included: comma, LF, no byte order mark unless told otherwise. Reading it gives the same
 * cells, an empty cell of a single column included (which would be an empty line if it were not quoted).
 */
export function formatRecords(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { delimiter = ',', lineEnding = '\n', bom = false }: Partial<Dialect> = {},
): string {
  return stringify([header, ...rows], {
    delimiter,
    record_delimiter: lineEnding,
    quoted_match: /[\r\n]/,
    quoted_empty: header.length === 1,
    bom,
  })
}
