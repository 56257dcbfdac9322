import type { SqlValue } from '../sqlite/database.ts'
import type { SyncField } from './sync-object.ts'

/** Type that a column is declared with. Dates and times are kept as the text that the service writes. */
export function declaredType({ type }: SyncField): string {
  switch (kindOf(type)) {
    case 'boolean':
      return 'BOOLEAN'
    case 'integer':
      return 'INTEGER'
    case 'number':
      return 'REAL'
    case 'date':
      return 'DATE'
    case 'datetime':
      return 'DATETIME'
    case 'text':
      return 'TEXT'
  }
}

/** Family of a field type of describe; an unknown one is text. Two types of one family are kept alike. */
export function kindOf(type: string): 'boolean' | 'integer' | 'number' | 'date' | 'datetime' | 'text' {
  switch (type) {
    case 'boolean':
      return 'boolean'
    case 'int':
    case 'long':
      return 'integer'
    case 'double':
    case 'currency':
    case 'percent':
      return 'number'
    case 'date':
    case 'datetime':
      return type
    default:
      return 'text'
  }
}

/** A cell of a query's CSV as the table holds it. A required column, which takes no null, holds an empty text instead. */
export function readCell(field: Pick<SyncField, 'type' | 'required'>, text: string): SqlValue {
  if (text === '') return field.required ? '' : null
  switch (kindOf(field.type)) {
    case 'boolean':
      return text === 'true' ? 1 : 0
    case 'integer':
    case 'number':
      return Number(text)
    default:
      return text
  }
}

/** A value of the synchronous API's JSON as the table holds it: dates with a time are spelt as Bulk does. */
export function readJson(field: SyncField, value: unknown): SqlValue {
  if (value === null || value === undefined) return readCell(field, '')
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return readCell(field, field.type === 'datetime' ? text.replace(/\+0000$/, 'Z') : text)
}

/** A value of the table as a cell that is sent; null and an empty text are the same to Salesforce. */
export function sentText(field: SyncField, value: SqlValue | undefined): string {
  if (value === null || value === undefined || value === '') return ''
  switch (kindOf(field.type)) {
    case 'boolean':
      return booleanText(value)
    case 'datetime':
      return isoTime(String(value))
    default:
      return String(value)
  }
}

/** Whether two values are the same to Salesforce, whichever way a SQLite client wrote them. */
export function isSame(field: SyncField, one: SqlValue | undefined, other: SqlValue | undefined): boolean {
  return one === other || comparable(field, one) === comparable(field, other)
}

function comparable(field: SyncField, value: SqlValue | undefined): string | number {
  const text = sentText(field, value)
  switch (kindOf(field.type)) {
    case 'integer':
    case 'number':
      return text === '' || Number.isNaN(Number(text)) ? text : Number(text)
    case 'datetime':
      return text === '' || Number.isNaN(Date.parse(text)) ? text : Date.parse(text)
    case 'boolean':
      return text === '' ? 'false' : text
    default:
      // The service trims texts.
      return field.type === 'id' || field.type === 'reference' ? text.trim().slice(0, idLength(text)) : text.trim()
  }
}

/** An Id of 15 characters is the same as the one of 18 that begins with it. */
function idLength(text: string): number {
  return text.trim().length === 18 && !text.startsWith('local:') ? 15 : text.length
}

/** A number is true as SQL has it. What is neither true nor false is sent as it is, for the org to refuse. */
function booleanText(value: SqlValue): string {
  if (typeof value === 'number') return value === 0 ? 'false' : 'true'
  const text = String(value).trim()
  if (/^(1|true)$/i.test(text)) return 'true'
  return /^(0|false)$/i.test(text) ? 'false' : text
}

/** `2026-03-01 10:00:00`, which SQLite's own functions write in UTC, in the form that Salesforce takes. */
function isoTime(text: string): string {
  const [, day, time, fraction = '', zone = 'Z'] = sqliteTime.exec(text) ?? []
  return day === undefined ? text : `${day}T${time!.length === 5 ? `${time}:00` : time}${fraction}${zone}`
}

const sqliteTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/
