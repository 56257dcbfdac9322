import { UsageError } from '../errors.ts'
import type { SyncFile } from './sync-file.ts'
import { columnNames, type SyncObject } from './sync-object.ts'
import { editsTable, triggerNames, triggerSql } from './triggers.ts'

/**
 * Holds the tables against what the file says that they are: any SQLite client may have dropped, renamed or made them anew.
 * Throws `UsageError` with code `TABLE_CHANGED` before anything is read or written.
 */
export function checkTables(file: SyncFile): void {
  for (const object of file.objects()) {
    const faults = [
      ...findMissing(file, object.name, [...columnNames(object), ...(object.files?.fields ?? [])]),
      ...findMissing(file, editsTable(object), ['_id', ...columnNames(object).slice(1)]),
    ]
    if (faults.length > 0 || !hasKey(file, object)) throw tableChanged(file, object, faults)
    if (!hasTriggers(file, object)) throw triggersGone(file, object)
  }
}

function findMissing(file: SyncFile, table: string, names: readonly string[]): readonly string[] {
  const there = new Set(
    file
      .sql('SELECT name FROM pragma_table_info(?)')
      .rows([table])
      .map(([name]) => name),
  )
  if (there.size === 0) return [`there is no table ${table}`]
  const missing = names.filter((name) => !there.has(name))
  return missing.length === 0 ? [] : [`the table ${table} has no column ${missing.join(', ')}`]
}

function hasKey(file: SyncFile, { name }: SyncObject): boolean {
  const key = file.sql('SELECT name FROM pragma_table_info(?) WHERE pk > 0').rows([name])
  return key.length === 1 && key[0]?.[0] === 'Id'
}

function hasTriggers(file: SyncFile, object: SyncObject): boolean {
  const there = file
    .sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?")
    .rows([object.name])
    .map(([name]) => name)
  const sql = triggerSql(object)
  return triggerNames(object).every((name) => there.includes(name) || !sql.includes(`"${name}"`))
}

function tableChanged({ name }: SyncFile, object: SyncObject, faults: readonly string[]): UsageError {
  const found = faults.length > 0 ? faults.join('; ') : `the key of the table ${object.name} is not Id`
  return new UsageError(`${name} was changed by another program: ${found}`, {
    code: 'TABLE_CHANGED',
    hint:
      'give the table back what it had, go back to a copy that `sfbulk sync backup` has made, or begin anew: ' +
      `\`sfbulk sync init\` with another file`,
  })
}

function triggersGone({ name }: SyncFile, object: SyncObject): UsageError {
  return new UsageError(
    `${name} was changed by another program: the triggers that note edits of ${object.name} are gone`,
    {
      code: 'TABLE_CHANGED',
      hint:
        `put them back: \`sfbulk sync add ${name} --object ${object.name}\`. What was edited without them is not known, ` +
        "and gives way to the org's values",
    },
  )
}
