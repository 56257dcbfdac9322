import { quoteName, quoteText } from '../sqlite/database.ts'
import type { StoredField, StoredObject } from './schema.ts'

/** A compound field as JSON text of its parts; null when all of them are. Source: SOQL guide, "Compound fields". */
export function compileCompound(object: StoredObject, alias: string, field: StoredField): string {
  const parts = object.fields
    .filter(({ compoundFieldName }) => compoundFieldName === field.name)
    .map(({ name }) => ({ key: partKey(field, name), sql: `${alias}.${quoteName(name)}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const columns = parts.map(({ sql }) => sql)
  const members = parts.map(({ key, sql }) => `${quoteText(key)}, ${sql}`)
  const filled = columns.length > 1 ? `coalesce(${columns.join(', ')})` : (columns[0] ?? 'NULL')
  return `(CASE WHEN ${filled} IS NOT NULL THEN json_object(${members.join(', ')}) END)`
}

/** `BillingPostalCode` of `BillingAddress` is `postalCode`; `Place__Latitude__s` of `Place__c` is `latitude`. */
function partKey(field: StoredField, part: string): string {
  const prefix = field.name.replace(/Address$|c$/, '')
  const bare = (part.startsWith(prefix) ? part.slice(prefix.length) : part).replace(/__s$/, '')
  return bare.charAt(0).toLowerCase() + bare.slice(1)
}
