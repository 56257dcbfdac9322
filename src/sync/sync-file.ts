import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from '../errors.ts'
import {
  inTransaction,
  openDatabase,
  type PreparedStatement,
  quoteName,
  type Storage,
  statementCache,
} from '../sqlite/database.ts'
import { explained } from './explain-storage.ts'
import { fitReferences } from './fit-references.ts'
import { countPending } from './pending.ts'
import { isWritable, type SyncField, type SyncObject, wholeObjects } from './sync-object.ts'
import {
  addColumnSql,
  addPathColumnSql,
  commonTables,
  dropColumnSql,
  dropPathColumnSql,
  editsTableSql,
  filesTable,
  objectTableSql,
  pendingViewSql,
} from './tables.ts'
import { editsTable, triggerNames, triggerSql } from './triggers.ts'

/** An open sync file. */
export interface SyncFile {
  readonly path: string
  /** For messages: the path as it was typed. */
  readonly name: string
  readonly storage: Storage
  /** Prepares a statement once. */
  readonly sql: (text: string) => PreparedStatement
  /** In the order in which they were added. */
  objects(): readonly SyncObject[]
  /** Writes in one transaction, in which the triggers rest; readers see all of it or nothing. */
  apply<Result>(work: () => Result): Result
  close(): void
}

/** Opens a file that `createSyncFile` has made. Throws `UsageError` for one that is none. */
export function openSyncFile(path: string, name = path): SyncFile {
  if (!existsSync(path)) {
    throw new UsageError(`there is no file ${name}`, {
      code: 'FILE_NOT_FOUND',
      hint: `make it: \`sfbulk sync init ${name} --object Account\``,
    })
  }
  const file = wrap(path, name, openStorage(path, name))
  if (isSyncFile(file)) return file
  file.close()
  throw new UsageError(`${name} is no sync file`, {
    code: 'NO_SYNC_FILE',
    hint: 'name one that `sfbulk sync init` has made, or a new one with that command',
  })
}

/** Makes a sync file, or adds the tables of one to a SQLite file that is there. Throws `UsageError` for one that has them. */
export function createSyncFile(path: string, name = path): SyncFile {
  if (!existsSync(dirname(path))) {
    throw new UsageError(`there is no folder ${dirname(path)}`, {
      code: 'FILE_NOT_FOUND',
      hint: 'make it, or check the path',
    })
  }
  const file = wrap(path, name, openStorage(path, name))
  if (isSyncFile(file)) {
    file.close()
    throw new UsageError(`${name} is a sync file already`, {
      code: 'IS_SYNC_FILE',
      hint: `add an object to it: \`sfbulk sync add ${name} --object Account\``,
    })
  }
  inTransaction(file.storage, () => {
    file.storage.exec(commonTables)
    writeSetting(file, 'format', '1')
  })
  return file
}

/** Adds objects with their tables, together, so that they may refer to each other. Throws `UsageError` for a name that is taken. */
export function addObjects(file: SyncFile, added: readonly SyncObject[]): void {
  file.apply(() => {
    const whole = wholeObjects([...file.objects(), ...added])
    for (const object of added) {
      const taken = file.sql('SELECT type FROM sqlite_master WHERE lower(name) = lower(?)').rows([object.name])
      if (taken.length > 0) {
        throw new UsageError(`${file.name} has a ${taken[0]?.[0]} ${object.name} already`, {
          code: 'NAME_TAKEN',
          hint: 'rename it, or use another file',
        })
      }
      if (object.files !== undefined) file.storage.exec(filesTable)
      file.storage.exec(`${objectTableSql(object, whole)}\n${editsTableSql(object)}\n${triggerSql(object)}`)
      const place = 'SELECT count(*) FROM sfbulk_objects'
      file
        .sql(`INSERT INTO sfbulk_objects (name, position, definition) VALUES (?, (${place}), ?)`)
        .run([object.name, JSON.stringify(object)])
    }
    file.storage.exec(pendingViewSql(file.objects()))
    fitReferences(file)
  })
}

/**
 * Gives an object other fields, another pattern or another condition. Its rows and edits stay; the next pull reads all of
 * it again. Throws `UsageError` when edits wait that the new pattern does not send.
 */
export function changeObject(file: SyncFile, before: SyncObject, wanted: SyncObject): void {
  file.apply(() => {
    if (isWritable(before) && !isWritable(wanted)) forbidWaitingEdits(file, before, wanted)
    for (const name of triggerNames(before)) file.storage.exec(`DROP TRIGGER IF EXISTS ${quoteName(name)}`)
    const find = (field: SyncField, { fields }: SyncObject) =>
      fields.find(({ name, type }) => name === field.name && type === field.type)
    const isKept = (field: SyncField, others: SyncObject) => find(field, others) !== undefined
    // A column that stays takes null, or takes none, as before.
    const keepNull = (field: SyncField) => ({ ...field, required: (find(field, before) ?? field).required })
    const after = { ...wanted, fields: wanted.fields.map(keepNull) }
    for (const field of before.fields.filter((each) => !isKept(each, after))) {
      keepEditsOf(file, before, field.name)
      file.storage.exec(dropColumnSql(before, field))
    }
    for (const field of after.fields) if (!isKept(field, before)) file.storage.exec(addColumnSql(after, field))
    changeFiles(file, before, after)
    file.storage.exec(triggerSql(after))
    file
      .sql('UPDATE sfbulk_objects SET definition = ?, mark = NULL, swept_at = NULL WHERE name = ?')
      .run([JSON.stringify(after), after.name])
    fitReferences(file)
  })
}

function changeFiles(file: SyncFile, before: SyncObject, after: SyncObject): void {
  const [old, wanted] = [before.files?.fields ?? [], after.files?.fields ?? []]
  if (after.files !== undefined) file.storage.exec(filesTable)
  for (const name of old.filter((each) => !wanted.includes(each))) file.storage.exec(dropPathColumnSql(before, name))
  for (const name of wanted.filter((each) => !old.includes(each))) file.storage.exec(addPathColumnSql(after, name))
}

/** What waits would never be sent, and keep the org's values out. */
function forbidWaitingEdits(file: SyncFile, object: SyncObject, { pattern }: SyncObject): void {
  const { create, update, delete: deleted } = countPending(file, object)
  const waiting = create + update + deleted
  if (waiting === 0) return
  const edits = waiting === 1 ? '1 edit waits' : `${waiting} edits wait`
  throw new UsageError(`${object.name}: ${edits} to be sent, and --pattern ${pattern} sends none`, {
    code: 'EDITS_WAIT',
    hint: `send them first: \`sfbulk sync run ${file.name}\``,
  })
}

/** What was edited in a column and not sent yet can never be: it is kept aside before the column goes. */
function keepEditsOf(file: SyncFile, object: SyncObject, field: string): void {
  const [table, column] = [quoteName(object.name), quoteName(field)]
  file
    .sql(
      `INSERT INTO sfbulk_superseded SELECT ?, _id, 'the field was taken out of the copy', ` +
        `json_array(json_object('field', ?, 'base', edit.${column}, 'local', own.${column}, 'remote', NULL)), ` +
        `strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM ${quoteName(editsTable(object))} AS edit ` +
        `JOIN ${table} AS own ON own."Id" = _id WHERE edit.${column} IS NOT own.${column}`,
    )
    .run([object.name, field])
}

/** One of the file's own settings: the host of its org, the alias that it was made with. */
export function readSetting(file: SyncFile, name: string): string | undefined {
  const value = file.sql('SELECT value FROM sfbulk_file WHERE name = ?').rows([name])[0]?.[0]
  return value === null || value === undefined ? undefined : String(value)
}

export function writeSetting(file: SyncFile, name: string, value: string): void {
  file
    .sql('INSERT INTO sfbulk_file VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
    .run([name, value])
}

function openStorage(path: string, name: string): Storage {
  try {
    const storage = openDatabase(path)
    // What is noted before rows are sent must be there after a power cut, too.
    storage.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;')
    return storage
  } catch (cause) {
    throw new UsageError(`${name} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'FILE_UNREADABLE',
      hint: 'is it a SQLite file, and may it be written?',
      cause,
    })
  }
}

function isSyncFile(file: SyncFile): boolean {
  return file.sql("SELECT 1 FROM sqlite_master WHERE name = 'sfbulk_objects'").rows([]).length > 0
}

function wrap(path: string, name: string, storage: Storage): SyncFile {
  const prepare = statementCache(storage)
  const sql = (text: string): PreparedStatement => {
    const statement = explained(name, () => prepare(text))
    return {
      run: (parameters) => explained(name, () => statement.run(parameters)),
      rows: (parameters) => explained(name, () => statement.rows(parameters)),
    }
  }
  return {
    path,
    name,
    storage,
    sql,
    objects: () =>
      sql('SELECT definition FROM sfbulk_objects ORDER BY position')
        .rows([])
        .map(([definition]) => JSON.parse(String(definition)) as SyncObject),
    apply: (work) => {
      if (storage.inTransaction) return work()
      return explained(name, () =>
        inTransaction(storage, () => {
          storage.exec('UPDATE sfbulk_state SET applying = 1')
          const result = work()
          storage.exec('UPDATE sfbulk_state SET applying = 0')
          return result
        }),
      )
    },
    close: () => storage.close(),
  }
}
