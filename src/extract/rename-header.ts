import { UsageError } from '../errors.ts'

/**
 * A header line with some columns called otherwise. Names are found in any case, as Salesforce's API names are. Throws
 * `UsageError` for a name that no column has.
 */
export function renameHeader(line: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  if (names.size === 0) return line
  const columns = parseHeader(Buffer.from(line).toString('utf8'))
  const wanted = new Map([...names].map(([column, name]) => [column.toLowerCase(), name]))
  const renamed = columns.map((column) => wanted.get(column.toLowerCase()) ?? column)
  const known = new Set(columns.map((column) => column.toLowerCase()))
  const missing = [...names.keys()].find((column) => !known.has(column.toLowerCase()))
  if (missing !== undefined) {
    throw new UsageError(`the query has no column ${missing}`, {
      code: 'UNKNOWN_COLUMN',
      hint: `its columns are ${columns.join(', ')}`,
    })
  }
  return Buffer.from(formatRow(renamed))
}

/** A row as Bulk API 2.0 writes it: every cell quoted. No line ending. */
export function formatRow(cells: readonly string[]): string {
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')
}

function parseHeader(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}
