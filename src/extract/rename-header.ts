import { UsageError } from '../errors.ts'

/** A header line with some columns called otherwise, as `renameColumns` does it; as it stands when none is. */
export function renameHeader(line: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  return names.size === 0 ? line : Buffer.from(formatRow(renameColumns(parseHeader(line), names)))
}

/**
 * The columns of a header with some of them called otherwise. Names are found in any case, as Salesforce's API names are.
 * Throws `UsageError` for a name that no column has.
 */
export function renameColumns(columns: readonly string[], names: ReadonlyMap<string, string>): readonly string[] {
  const known = new Set(columns.map((column) => column.toLowerCase()))
  const missing = [...names.keys()].find((column) => !known.has(column.toLowerCase()))
  if (missing !== undefined) {
    throw new UsageError(`the query has no column ${missing}`, {
      code: 'UNKNOWN_COLUMN',
      hint: `its columns are ${columns.join(', ')}`,
    })
  }
  const wanted = new Map([...names].map(([column, name]) => [column.toLowerCase(), name]))
  return columns.map((column) => wanted.get(column.toLowerCase()) ?? column)
}

/** A row as Bulk API 2.0 writes it: every cell quoted. No line ending. */
export function formatRow(cells: readonly string[]): string {
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')
}

/** Names of the columns of a header line, which is without its line ending. */
export function parseHeader(line: Uint8Array): readonly string[] {
  return [
    ...Buffer.from(line)
      .toString('utf8')
      .matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g),
  ].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
