import { closeSync, openSync } from 'node:fs'
import {
  inTransaction,
  openDatabase,
  type PreparedStatement,
  type Storage,
  statementCache,
} from '../sqlite/database.ts'

/** A record of the org as it was before the first row. */
export interface CurrentRecord {
  /** 18 characters. */
  readonly id: string
  /** Texts of its fields, in the order in which they were asked for; a null is the empty text. */
  readonly values: readonly string[]
  /** Whether others have the same key. */
  readonly isAmbiguous: boolean
  /** Place of the first row that was let pass to it; undefined where there was none. */
  readonly writtenAt: number | undefined
}

/**
 * Records by their keys, in a SQLite file: any number of them in bounded memory, and found again when a run is carried on. A
 * key that the org does not have is remembered, too.
 */
export class CurrentRecords {
  readonly #storage: Storage
  readonly #prepare: (sql: string) => PreparedStatement

  /** `path`: of a file that is made for its owner alone, or that an earlier process of the run has made. */
  constructor(path: string) {
    closeSync(openSync(path, 'a', 0o600))
    this.#storage = openDatabase(path)
    this.#storage.exec(`
      CREATE TABLE IF NOT EXISTS record (key TEXT PRIMARY KEY, id TEXT, cells TEXT, copies INTEGER NOT NULL, place INTEGER) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS whole (object TEXT);
    `)
    this.#prepare = statementCache(this.#storage)
  }

  /** Whether every record of the object has been kept: a key that is not here is not in the org. */
  get isWhole(): boolean {
    return this.#prepare('SELECT 1 FROM whole').rows([]).length > 0
  }

  markWhole(): void {
    this.#prepare('INSERT INTO whole VALUES (NULL)').run([])
  }

  /** Those of the keys that have not been asked for. */
  unasked(keys: ReadonlySet<string>): readonly string[] {
    const known = this.#prepare('SELECT key FROM record WHERE key IN (SELECT value FROM json_each(?))')
    const asked = new Set(known.rows([JSON.stringify([...keys])]).map(([key]) => String(key)))
    return [...keys].filter((key) => !asked.has(key))
  }

  keep(records: readonly { readonly key: string; readonly id: string; readonly values: readonly string[] }[]): void {
    const insert = this.#prepare(
      'INSERT INTO record VALUES (?, ?, ?, 1, NULL) ON CONFLICT (key) DO UPDATE SET copies = copies + (id <> excluded.id)',
    )
    inTransaction(this.#storage, () => {
      for (const { key, id, values } of records) insert.run([key, id, JSON.stringify(values)])
    })
  }

  /** Remembers which keys no record has. */
  keepAbsent(keys: Iterable<string>): void {
    const insert = this.#prepare('INSERT OR IGNORE INTO record VALUES (?, NULL, NULL, 0, NULL)')
    inTransaction(this.#storage, () => {
      for (const key of keys) insert.run([key])
    })
  }

  /** The record with a key; undefined where there is none. */
  find(key: string): CurrentRecord | undefined {
    const [found] = this.#prepare('SELECT id, cells, copies, place FROM record WHERE key = ? AND id IS NOT NULL').rows([
      key,
    ])
    if (found === undefined) return undefined
    const [id, cells, copies, place] = found
    return {
      id: String(id),
      values: JSON.parse(String(cells)) as readonly string[],
      isAmbiguous: Number(copies) > 1,
      writtenAt: place === null ? undefined : Number(place),
    }
  }

  /** Notes that the row at this place goes to the record; only the first one counts. */
  noteWrite(key: string, place: number): void {
    this.#prepare('UPDATE record SET place = ? WHERE key = ? AND place IS NULL').run([place, key])
  }

  close(): void {
    this.#storage.close()
  }
}
