import { quoteName, quoteText } from '../sqlite/database.ts'
import { declaredType } from './field-values.ts'
import type { SyncFile } from './sync-file.ts'
import { type SyncField, wholeObjects } from './sync-object.ts'
import { referenceSql } from './tables.ts'

/**
 * Gives the references of all tables the constraints that the objects of the file allow now: one whose parent has been added
 * gets its foreign key, one whose parent has got a condition loses it. To be called within `apply`.
 *
 * The statement that a table was made with is changed in place, since a constraint changes nothing of what is stored; columns,
 * indexes and triggers of the user stay. Source: https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema
 * Changes". A table that was made anew by somebody else in another way keeps what it has.
 */
export function fitReferences(file: SyncFile): void {
  const objects = file.objects()
  const whole = wholeObjects(objects)
  const changed = objects.flatMap(({ name, fields }) => {
    const before = readDefinition(file, name)
    const after = fields.reduce((sql, field) => fitReference(sql, field, whole), before)
    return after === before ? [] : [{ name, sql: after }]
  })
  if (changed.length === 0) return
  const version = Number(file.storage.prepare('PRAGMA schema_version').raw().all().flat()[0])
  file.storage.exec('PRAGMA writable_schema = ON')
  for (const { name, sql } of changed) {
    const where = `type = 'table' AND name = ${quoteText(name)}`
    file.storage.exec(`UPDATE sqlite_master SET sql = ${quoteText(sql)} WHERE ${where}`)
  }
  file.storage.exec(`PRAGMA schema_version = ${version + 1}; PRAGMA writable_schema = RESET`)
}

function readDefinition(file: SyncFile, table: string): string {
  const [row] = file.sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?").rows([table])
  return String(row?.[0] ?? '')
}

/** Field names are letters, digits and underscores. */
function fitReference(sql: string, field: SyncField, whole: ReadonlySet<string>): string {
  if (field.referenceTo.length === 0) return sql
  const column = `(${quoteName(field.name)} ${declaredType(field)}(?: NOT NULL)?(?: DEFAULT '')?)`
  const constraint = '(?: REFERENCES "\\w+" \\("Id"\\) ON UPDATE CASCADE[A-Z ]* DEFERRABLE INITIALLY DEFERRED)?'
  const pattern = new RegExp(`${column}${constraint}(?=\\s*[,)])`)
  return sql.replace(pattern, (_, kept: string) => kept + referenceSql(field, whole))
}
