import type { Storage } from '../sqlite/database.ts'

/**
 * Prepares a query of one value: the returned function gives the first column of the first row, `undefined` when there
 * is no row. (libsql's `pluck` holds for `all` alone; its `raw` gives blobs as buffers.)
 */
export function prepareValue(storage: Storage, sql: string): (parameters: readonly unknown[]) => unknown {
  const statement = storage.prepare(sql).raw()
  return (parameters) => {
    const row = statement.get([...parameters])
    return Array.isArray(row) ? row[0] : undefined
  }
}
