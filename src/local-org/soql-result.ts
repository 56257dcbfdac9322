import { quoteName, type SqlValue, type Storage, selectRows } from '../sqlite/database.ts'
import { type CellValue, EngineError, type QueryResult } from './engine.ts'
import { buildRecord, readCell } from './soql-records.ts'
import type { CompiledQuery } from './soql-shape.ts'

/** Results of at most this many rows are kept in memory; larger ones in a table that goes with the connection. */
const keptRows = 2000

/**
 * Runs a query and keeps its rows as they are now. Rows beyond the first thousands are written to a temporary table,
 * which SQLite keeps on disk: a million rows cost no memory, and pages of them are read by their number.
 */
export function runQuery(storage: Storage, query: CompiledQuery): QueryResult {
  const first = readFirst(storage, query)
  const snapshot = first.length > keptRows ? keepInTable(storage, query) : keepInMemory(first)
  const { columns, shape, kind, object } = query
  return {
    kind,
    object,
    columns,
    totalSize: kind === 'count' ? Number(first[0]?.[0]) : snapshot.size,
    cells: (start, count) =>
      snapshot
        .rows(start, count)
        .map((row) => columns.map(({ type }, cell): CellValue => readCell(type, row[cell] ?? null))),
    records: (start, count, apiVersion) =>
      kind === 'count' ? [] : snapshot.rows(start, count).map((row) => buildRecord(shape, row, apiVersion)),
    close: () => snapshot.close(),
  }
}

/** SQLite takes conditions of a thousand parts; what it refuses is refused as the service refuses what is too much for it. */
function readFirst(storage: Storage, { sql }: CompiledQuery): SqlValue[][] {
  try {
    return selectRows(storage, `SELECT * FROM (${sql}) LIMIT ${keptRows + 1}`)
  } catch (error) {
    if (!(error instanceof Error) || !/Expression tree|too many|parser stack/.test(error.message)) throw error
    const message = 'Query is either selecting too many fields or the filter conditions are too complicated.'
    throw new EngineError('QUERY_TOO_COMPLICATED', message)
  }
}

interface Snapshot {
  readonly size: number
  rows(start: number, count: number): readonly (readonly SqlValue[])[]
  close(): void
}

function keepInMemory(rows: readonly (readonly SqlValue[])[]): Snapshot {
  return { size: rows.length, rows: (start, count) => rows.slice(start, start + count), close: () => {} }
}

/** Tables made so far in this process: each has a name of its own. */
let resultTables = 0

function keepInTable(storage: Storage, { sql }: CompiledQuery): Snapshot {
  const table = `temp.${quoteName(`result ${++resultTables}`)}`
  storage.exec(`CREATE TABLE ${table} AS ${sql}`)
  const page = storage.prepare(`SELECT * FROM ${table} WHERE rowid > ? AND rowid <= ? ORDER BY rowid`).raw()
  const size = Number(selectRows(storage, `SELECT max(rowid) FROM ${table}`)[0]?.[0] ?? 0)
  return {
    size,
    rows: (start, count) => page.all([start, start + count]) as SqlValue[][],
    close: () => storage.exec(`DROP TABLE IF EXISTS ${table}`),
  }
}
