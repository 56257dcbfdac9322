import type Database from 'libsql'
import { loadLibsql } from './load-libsql.ts'

/** An open SQLite file with the synchronous interface of better-sqlite3. Booleans cannot be bound: write 0 and 1. */
export type Storage = Database.Database

/**
 * Opens a SQLite file in WAL mode, or creates it. Several processes may have it open: readers never wait, a writer waits
 * up to 30 seconds for another one.
 */
export function openDatabase(file: string): Storage {
  const storage = new (loadLibsql())(file, { timeout: 30_000 })
  storage.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 30000;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 10000;
    PRAGMA temp_store = FILE;
  `)
  return storage
}

/** Runs the work in one write transaction, or in the one that is open already. */
export function inTransaction<Result>(storage: Storage, work: () => Result): Result {
  return storage.inTransaction ? work() : storage.transaction(work).immediate()
}

/** All rows as arrays in the order of the columns. */
export function selectRows(storage: Storage, sql: string, ...parameters: readonly SqlValue[]): SqlValue[][] {
  return readRows(storage.prepare(sql).raw(), parameters)
}

/** A prepared statement that gives arrays or no rows at all. */
export interface PreparedStatement {
  run(parameters: readonly (SqlValue | Buffer)[]): void
  rows(parameters: readonly SqlValue[]): SqlValue[][]
}

/** Prepares statements and keeps them: the same text gives the same statement. */
export function statementCache(storage: Storage): (sql: string) => PreparedStatement {
  const statements = new Map<string, PreparedStatement>()
  return (sql) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = storage.prepare(sql)
    if (statement.reader) statement.raw()
    const prepared: PreparedStatement = {
      run: (parameters) => {
        statement.run(parameters)
      },
      rows: (parameters) => readRows(statement, parameters),
    }
    if (statements.size >= cachedStatements) statements.clear()
    statements.set(sql, prepared)
    return prepared
  }
}

const cachedStatements = 500

/** The library's types know nothing of the shape of a row: this is where it is said. */
function readRows(statement: ReturnType<Storage['prepare']>, parameters: readonly SqlValue[]): SqlValue[][] {
  return statement.all(parameters) as SqlValue[][]
}

/** What a cell of the database holds: booleans are 0 and 1, dates and times text. */
export type SqlValue = string | number | null

/** A name as SQL takes it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as a SQL literal. SQLite ends a statement at a NUL, so there is none in it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`
}
