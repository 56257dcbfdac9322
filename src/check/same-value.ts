import type { FieldDescription } from '../org/object-description.ts'
import { valueReader } from '../values/read-value.ts'
import { normalizeId } from '../values/record-id.ts'
import { RowFault } from '../values/row-error.ts'
import type { SentValue } from './sent-values.ts'

/** Whether a field that has this text already would stay as it is; an empty text is null. */
export type SameValue = (sent: SentValue, current: string) => boolean

/** Compares by value, as the service keeps it: numbers rounded to the field's decimals, moments in UTC, texts without the spaces around. */
export function sameValue(field: FieldDescription): SameValue {
  if (field.type === 'base64') return (sent) => sent === undefined
  const read = valueReader(field)
  const spell = (text: string): string | number | null => {
    const value = read(text.replaceAll(/\r\n?/g, '\n'))
    if (typeof value !== 'string') return value
    // The service keeps addresses in small letters, and several values in the order of the picklist.
    if (field.type === 'email') return value.toLowerCase()
    return field.type === 'multipicklist' ? value.split(';').sort().join(';') : value
  }
  return (sent, current) => {
    if (sent === undefined || sent === current) return true
    try {
      return sent === null ? current === '' : spell(sent) === (current === '' ? null : spell(current))
    } catch (fault) {
      if (fault instanceof RowFault) return false
      throw fault
    }
  }
}

/** Keys of parents are compared as texts. */
export function sameText(sent: SentValue, current: string): boolean {
  return sent === undefined || (sent ?? '').trim() === current
}

/** The one spelling of a key under which a record is found. */
export function keySpelling({
  type,
  caseSensitive,
}: Pick<FieldDescription, 'type' | 'caseSensitive'>): (text: string) => string {
  if (type === 'id' || type === 'reference') return (text) => normalizeId(text.trim()) ?? text.trim()
  if (numbers.has(type)) return (text) => String(Number(text))
  return caseSensitive ? (text) => text.trim() : (text) => text.trim().toLowerCase()
}

const numbers: ReadonlySet<string> = new Set(['int', 'long', 'double', 'currency', 'percent'])
