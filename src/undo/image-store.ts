import { closeSync, openSync } from 'node:fs'
import type { ReadField, ReadRow } from '../extract/read-records.ts'
import type { WrittenRecord } from '../load/written-ids.ts'
import {
  inTransaction,
  openDatabase,
  type PreparedStatement,
  type Storage,
  statementCache,
} from '../sqlite/database.ts'

/** Records as they were: before a run sent its first row, and after its last. */
export type Moment = 'before' | 'after'

/** Keys that were collected, none of them empty. */
export interface CollectedKeys {
  add(keys: readonly string[]): void
  count(): number
  keys(): Iterable<string>
  drop(): void
}

/**
 * What a run keeps of the records that it changes, in a SQLite file of its folder: any number of them in bounded memory.
 */
export class ImageStore {
  /** What the rows of an image hold: Id first. */
  readonly fields: readonly ReadField[]
  readonly #storage: Storage
  readonly #prepare: (sql: string) => PreparedStatement
  #parts = 0

  private constructor(storage: Storage, fields: readonly ReadField[]) {
    this.fields = fields
    this.#storage = storage
    this.#prepare = statementCache(storage)
  }

  /** Opens the file, or makes it for images of these fields. */
  static open(path: string, fields: readonly ReadField[]): ImageStore {
    // Made for its owner alone; SQLite gives its side files the same rights.
    closeSync(openSync(path, 'a', 0o600))
    const storage = openDatabase(path)
    storage.exec(`
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS image (version INTEGER NOT NULL, fields TEXT NOT NULL, whole INTEGER NOT NULL DEFAULT 0);
      CREATE TEMP TABLE wanted (part INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (part, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS before (id TEXT PRIMARY KEY, cells TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS after (id TEXT PRIMARY KEY, cells TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS target (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL);
    `)
    const prepare = statementCache(storage)
    const [known] = prepare('SELECT fields FROM image').rows([])
    if (known === undefined) prepare('INSERT INTO image (version, fields) VALUES (1, ?)').run([JSON.stringify(fields)])
    return new ImageStore(storage, known === undefined ? fields : (JSON.parse(String(known[0])) as ReadField[]))
  }

  /**
   * Keeps records as they are now: all that are given, or those of them that are targets. What is kept of a record already
   * stands: only the first time is before the run.
   */
  keep(moment: Moment, rows: readonly ReadRow[], which: 'all' | 'targets'): void {
    const condition = which === 'all' ? '' : ' WHERE EXISTS (SELECT 1 FROM target WHERE id = ?1)'
    const insert = this.#prepare(`INSERT OR IGNORE INTO ${moment} SELECT ?1, ?2${condition}`)
    inTransaction(this.#storage, () => {
      for (const row of rows) insert.run([row[0] ?? '', JSON.stringify(row)])
    })
  }

  /** Whether every record of the object is kept as it was before the run. */
  get isWhole(): boolean {
    return this.#prepare('SELECT whole FROM image').rows([])[0]?.[0] === 1
  }

  markWhole(): void {
    this.#prepare('UPDATE image SET whole = 1').run([])
  }

  /** Collects the keys of the records of one part, each once and without Ids that are kept already: a part may have millions. */
  collectKeys(): CollectedKeys {
    const part = this.#parts++
    const insert = this.#prepare('INSERT OR IGNORE INTO temp.wanted VALUES (?, ?)')
    return {
      add: (keys) =>
        inTransaction(this.#storage, () => {
          for (const key of keys) insert.run([part, key])
        }),
      count: () =>
        Number(this.#prepare(`SELECT count(*) FROM temp.wanted WHERE part = ? ${notKept}`).rows([part])[0]?.[0]),
      keys: () => this.#collectedKeys(part),
      drop: () => this.#prepare('DELETE FROM temp.wanted WHERE part = ?').run([part]),
    }
  }

  *#collectedKeys(part: number): Generator<string> {
    const select = this.#prepare(
      `SELECT key FROM temp.wanted WHERE part = ? AND key > ? ${notKept} ORDER BY key LIMIT 2000`,
    )
    for (let last = ''; ; ) {
      const rows = select.rows([part, last])
      if (rows.length === 0) return
      for (const [key] of rows) yield String(key)
      last = String(rows.at(-1)?.[0])
    }
  }

  /** Notes records that were written; one that is noted already keeps its place. */
  addTargets(targets: readonly WrittenRecord[]): void {
    const insert = this.#prepare('INSERT OR IGNORE INTO target (id, created) VALUES (?, ?)')
    inTransaction(this.#storage, () => {
      for (const { id, created } of targets) insert.run([id, created ? 1 : 0])
    })
  }

  countTargets(): number {
    return Number(this.#prepare('SELECT count(*) FROM target').rows([])[0]?.[0])
  }

  /** The records that were written, some thousand at a time. */
  *targets(): Generator<readonly WrittenRecord[]> {
    const select = this.#prepare('SELECT number, id, created FROM target WHERE number > ? ORDER BY number LIMIT 2000')
    for (let last = 0; ; ) {
      const rows = select.rows([last])
      if (rows.length === 0) return
      yield rows.map(([, id, created]) => ({ id: String(id), created: created === 1 }))
      last = Number(rows.at(-1)?.[0])
    }
  }

  /** Which of these Ids are those of targets. */
  findTargets(ids: readonly string[]): ReadonlySet<string> {
    const select = this.#prepare('SELECT id FROM target WHERE id IN (SELECT value FROM json_each(?))')
    return new Set(select.rows([JSON.stringify(ids)]).map(([id]) => String(id)))
  }

  /** What is kept of these records, by Id. */
  find(moment: Moment, ids: readonly string[]): ReadonlyMap<string, ReadRow> {
    const select = this.#prepare(`SELECT id, cells FROM ${moment} WHERE id IN (SELECT value FROM json_each(?))`)
    return new Map(
      select.rows([JSON.stringify(ids)]).map(([id, cells]) => [String(id), JSON.parse(String(cells)) as ReadRow]),
    )
  }

  /** Forgets what was kept of records that were not written: a query job reads the whole object. */
  dropOthers(moment: Moment): void {
    this.#storage.exec(`DELETE FROM ${moment} WHERE id NOT IN (SELECT id FROM target); VACUUM`)
  }

  close(): void {
    this.#storage.close()
  }
}

const notKept = 'AND NOT EXISTS (SELECT 1 FROM before WHERE id = key)'
