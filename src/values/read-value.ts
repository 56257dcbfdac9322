import type { FieldDescription } from '../org/object-description.ts'
import { normalizeId } from './record-id.ts'
import { RowFault } from './row-error.ts'

/** A value as it is kept: checkboxes are 0 and 1, dates and times are text, a missing value is null. */
export type FieldValue = string | number | null

/** Turns the text of a cell into what is stored, or throws a `RowFault`. An empty text is null. */
export type ValueReader = (text: string) => FieldValue

/** The reader of a field, chosen once for all rows. Codes and wording: protocol notes, section 8. */
export function valueReader(field: FieldDescription): ValueReader {
  switch (field.type) {
    case 'boolean':
      return (text) => readBoolean(field, text)
    case 'int':
    case 'long':
      return (text) => readInteger(field, text.trim())
    case 'double':
    case 'currency':
    case 'percent':
      return (text) => readNumber(field, text.trim())
    case 'date':
      return (text) => readDate(field, text.trim())
    case 'datetime':
      return (text) => readDateTime(field, text.trim())
    case 'time':
      return (text) => readTime(field, text.trim())
    case 'id':
    case 'reference':
      return (text) => readId(field, text.trim())
    case 'email':
      return (text) => readEmail(field, text.trim())
    case 'picklist':
      return pickReader(field, false)
    case 'multipicklist':
      return pickReader(field, true)
    case 'base64':
      return (text) => readBase64(field, text)
    default:
      return (text) => readText(field, text.trim())
  }
}

/** SQLite would end a text at a NUL: the character alone is left out. */
function readText(field: FieldDescription, cell: string): FieldValue {
  const text = cell.includes('\0') ? cell.replaceAll('\0', '').trim() : cell
  if (text === '') return null
  if (text.length > field.length && field.length > 0) {
    const message = `${field.label}: data value too large: ${text} (max length=${field.length})`
    throw new RowFault('STRING_TOO_LONG', message, field.name)
  }
  return text
}

function readBoolean(field: FieldDescription, text: string): FieldValue {
  switch (text.trim().toLowerCase()) {
    case 'true':
    case '1':
      return 1
    case 'false':
    case '0':
      return 0
    default:
      throw wrongType(field, text)
  }
}

/** Source: protocol notes 2.4, "int fields reject 250.0". */
function readInteger(field: FieldDescription, text: string): FieldValue {
  if (text === '') return null
  if (!/^[-+]?\d+$/.test(text)) throw wrongType(field, text)
  const number = Number(text)
  if (number > 2147483647 || number < -2147483648) throw outOfRange(field, text)
  return number
}

/** More decimals than the field has are rounded, half away from zero; more digits before the point are refused. */
function readNumber(field: FieldDescription, text: string): FieldValue {
  if (text === '') return null
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) throw wrongType(field, text)
  const number = roundTo(Number(text), field.scale)
  if (field.precision > 0 && Math.abs(number) >= 10 ** (field.precision - field.scale)) throw outOfRange(field, text)
  return number
}

function roundTo(number: number, scale: number): number {
  if (Number.isInteger(number)) return number
  const shown = String(Math.abs(number))
  if (shown.includes('e') || shown.length - shown.indexOf('.') - 1 <= scale) return number
  return Math.sign(number) * Number(`${Math.round(Number(`${shown}e${scale}`))}e-${scale}`)
}

/** `yyyy-MM-dd`, with or without a `Z` (protocol notes 2.4 and 9.4). */
function readDate(field: FieldDescription, text: string): FieldValue {
  if (text === '') return null
  const match = /^(\d{4})-(\d\d)-(\d\d)Z?$/.exec(text)
  if (match === null || !isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3]))) {
    throw wrongType(field, text)
  }
  return text.slice(0, 10)
}

/** ISO 8601 with a zone; kept in UTC and in whole seconds, as Salesforce keeps it. */
function readDateTime(field: FieldDescription, text: string): FieldValue {
  if (text === '') return null
  const match = dateTimeForm.exec(text)
  if (match === null || !isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3]))) {
    throw wrongType(field, text)
  }
  const [, , , , hour, minute, second, zone = 'Z'] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw wrongType(field, text)
  if (zone === 'Z') return `${text.slice(0, 19)}.000Z`
  const sign = zone.startsWith('-') ? -1 : 1
  const shift = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)))
  const time = Date.parse(`${text.slice(0, 19)}Z`) - shift * 60_000
  return `${new Date(time).toISOString().slice(0, 19)}.000Z`
}

const dateTimeForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|[-+]\d\d:?\d\d)$/

/** Salesforce takes the years 1700 to 4000. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  if (year < 1700 || year > 4000 || month < 1 || month > 12 || day < 1) return false
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= (month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31)
}

function readTime(field: FieldDescription, text: string): FieldValue {
  if (text === '') return null
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?Z?$/.exec(text)
  if (match === null) throw wrongType(field, text)
  const [, hour, minute, second, fraction = ''] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw wrongType(field, text)
  return `${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}Z`
}

function readId(field: FieldDescription, text: string): FieldValue {
  if (text === '') return null
  const id = normalizeId(text)
  if (id === undefined) throw wrongId(field, text)
  return id
}

function readEmail(field: FieldDescription, text: string): FieldValue {
  if (text === '') return null
  if (!/^[^\s@,;:<>()[\]"\\]+@[^\s@,;:<>()[\]"\\.]+(?:\.[^\s@,;:<>()[\]"\\.]+)+$/.test(text)) {
    throw new RowFault('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${text}`, field.name)
  }
  return readText(field, text)
}

/** Only a restricted picklist refuses a value that it does not list. */
function pickReader(field: FieldDescription, several: boolean): ValueReader {
  const allowed = new Set(field.picklistValues.filter(({ active }) => active).map(({ value }) => value))
  return (cell) => {
    const text = cell.trim()
    const values = several ? text.split(';').filter((value) => value !== '') : [text]
    if (text === '' || values.length === 0) return null
    const bad = field.restrictedPicklist ? values.find((value) => !allowed.has(value)) : undefined
    if (bad !== undefined) {
      const message = `${field.label}: bad value for restricted picklist field: ${bad}`
      throw new RowFault('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, field.name)
    }
    return readText(field, values.join(';'))
  }
}

function readBase64(field: FieldDescription, text: string): FieldValue {
  const packed = text.replace(/\s+/g, '')
  if (packed === '') return null
  if (packed.length % 4 === 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) throw wrongType(field, text.slice(0, 40))
  return packed
}

export function wrongType(field: FieldDescription, text: string): RowFault {
  const message = `${field.label}: value not of required type: ${text}`
  return new RowFault('INVALID_TYPE_ON_FIELD_IN_RECORD', message, field.name)
}

/** For a key field as for a lookup: `Record ID: id value of incorrect type: …`, `Account ID: …`. */
export function wrongId(field: FieldDescription, text: string): RowFault {
  const label = field.type === 'id' ? 'Record ID' : field.label
  return new RowFault('MALFORMED_ID', `${label}: id value of incorrect type: ${text}`, field.name)
}

function outOfRange(field: FieldDescription, text: string): RowFault {
  const message = `${field.label}: value outside of valid range on numeric field: ${text}`
  return new RowFault('NUMBER_OUTSIDE_VALID_RANGE', message, field.name)
}
