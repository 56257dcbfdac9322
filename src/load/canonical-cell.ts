import type { RecordBlock } from '../csv/records.ts'
import type { ByteWriter } from './byte-writer.ts'

const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** How two spellings of one value are told to be the same. */
export type Comparison = 'text' | 'number' | 'boolean' | 'id' | 'date' | 'datetime' | 'time' | 'set'

/** Comparison for a field type of describe; an unknown type compares as text. */
export function comparisonOf(type: string): Comparison {
  switch (type) {
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'id':
    case 'reference':
      return 'id'
    case 'date':
      return 'date'
    case 'datetime':
      return 'datetime'
    case 'time':
      return 'time'
    case 'multipicklist':
      return 'set'
    default:
      return 'text'
  }
}

/**
 * Writes the value of a cell in the one spelling that what was sent and what the service echoes have in common: quotes
 * taken off, line endings LF, numbers by value (the service re-spells 912260031 as 9.12260031E8), booleans as true or false,
 * Ids by their first 15 characters, dates and times by the moment they name, values of a multi-select picklist in one order.
 * An empty cell and `#N/A` are the same: no value.
 * What does not parse as its type is compared as text.
 */
export function writeCanonical(block: RecordBlock, cell: number, comparison: Comparison, out: ByteWriter): void {
  const { bytes } = block
  let start = block.cellStart[cell]!
  let end = block.cellEnd[cell]!
  const isQuoted = end - start >= 2 && bytes[start] === quote
  if (isQuoted) {
    start++
    end--
  }
  writeValue(bytes, start, end, isQuoted, comparison, out)
}

/** The same for a value that stands without quotes around it, and whose own quotes are single. */
export function writeCanonicalText(
  bytes: Buffer,
  start: number,
  end: number,
  comparison: Comparison,
  out: ByteWriter,
): void {
  writeValue(bytes, start, end, false, comparison, out)
}

function writeValue(
  bytes: Buffer,
  start: number,
  end: number,
  isQuoted: boolean,
  comparison: Comparison,
  out: ByteWriter,
): void {
  if (isServiceNull(bytes, start, end)) return
  out.reserve(end - start + 32)
  if (comparison === 'text') writeText(bytes, start, end, isQuoted, out)
  else if (comparison === 'id') out.copy(bytes, start, isIdLength(end - start) ? start + 15 : end)
  else if (isPlain(bytes, start, end, comparison)) out.copy(bytes, start, end)
  else if (end > start) out.text(respell(bytes.toString('utf8', start, end), comparison))
}

/** Copies text; doubled quotes of a quoted cell become one, CRLF and CR become LF. */
function writeText(bytes: Buffer, start: number, end: number, isQuoted: boolean, out: ByteWriter): void {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === quote && isQuoted) i++
    if (byte === carriageReturn) {
      if (bytes[i + 1] === lineFeed && i + 1 < end) i++
      out.byte(lineFeed)
    } else {
      out.byte(byte)
    }
  }
}

function respell(text: string, comparison: Comparison): string {
  const trimmed = text.trim()
  switch (comparison) {
    case 'number': {
      const value = trimmed === '' ? Number.NaN : Number(trimmed)
      // What is too large for a double comes back as `Infinity`.
      return Number.isNaN(value) ? text : String(value)
    }
    case 'boolean': {
      const word = trimmed.toLowerCase()
      if (word === '1') return 'true'
      return word === '0' ? 'false' : word
    }
    case 'date':
      return dayAlone.test(trimmed) ? trimmed.slice(0, 10) : text
    case 'datetime': {
      const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(trimmed) ? Date.parse(withColon(trimmed)) : Number.NaN
      return Number.isNaN(moment) ? text : String(moment)
    }
    case 'time': {
      const [, minutes, seconds = ':00', fraction = ''] = timeOfDay.exec(trimmed) ?? []
      return minutes === undefined ? text : `${minutes}${seconds}.${fraction.padEnd(3, '0')}`
    }
    case 'set':
      return text.split(';').sort().join(';')
    default:
      return text
  }
}

/** A date, perhaps with the midnight that begins it. */
const dayAlone = /^\d{4}-\d\d-\d\d(T00:00(:00(\.0+)?)?)?(Z|[+-]00:?00)?$/

const timeOfDay = /^(\d\d:\d\d)(:\d\d)?(?:\.(\d{1,3}))?Z?$/

/** `+0100` as `+01:00`, which `Date.parse` is sure to read. */
function withColon(text: string): string {
  return text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
}

/** Whether a value is in its own canonical spelling already, as most are: then no text is made of it. */
function isPlain(bytes: Buffer, start: number, end: number, comparison: Comparison): boolean {
  if (comparison === 'number') return isPlainNumber(bytes, start, end)
  if (comparison === 'boolean') return isSpelt(bytes, start, end, plainTrue) || isSpelt(bytes, start, end, plainFalse)
  return comparison === 'date' && isPlainDate(bytes, start, end)
}

const plainTrue = Buffer.from('true')
const plainFalse = Buffer.from('false')

function isSpelt(bytes: Buffer, start: number, end: number, word: Buffer): boolean {
  if (end - start !== word.length) return false
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false
  return true
}

/** `2026-11-21` */
function isPlainDate(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== 10) return false
  for (let i = 0; i < 10; i++) {
    const byte = bytes[start + i]!
    const isDash = i === 4 || i === 7
    if (isDash ? byte !== 0x2d : byte < zero || byte > 0x39) return false
  }
  return true
}

/**
 * Digits, perhaps with a point among them, that are their own shortest spelling: no sign or zero too many, and few enough for
 * a double to hold each.
 */
function isPlainNumber(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start
  if (length === 0 || length > 15) return false
  // `0.5` is rare enough to be read as a number; `0.0000005` is spelt otherwise.
  if (bytes[start] === zero && length > 1) return false
  let point = -1
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === 0x2e /* . */ && point < 0 && i > start) point = i
    else if (byte < zero || byte > 0x39) return false
  }
  return point < 0 || (point < end - 1 && bytes[end - 1] !== zero)
}

const zero = 0x30

function isIdLength(length: number): boolean {
  return length === 18 || length === 15
}

function isServiceNull(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    bytes[start] === 0x23 &&
    bytes[start + 1] === 0x4e &&
    bytes[start + 2] === 0x2f &&
    bytes[start + 3] === 0x41
  )
}
