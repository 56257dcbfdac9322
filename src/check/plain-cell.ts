import type { PlainKind } from '../csv/plain-rows.ts'
import type { FieldDescription } from '../org/object-description.ts'
import { isCalendarDay } from '../values/read-value.ts'

/**
 * Whether the bytes of a cell, its quotes taken off and at least one of them, are plainly a good value. A cell of which this
 * cannot be said is read as text by the field's own reader, which gives the verdict: nearly all cells of a load are plain, and
 * making text of each of them would cost more than sending it.
 */
export type PlainTest = (bytes: Buffer, start: number, end: number) => boolean

/** The test of a field, chosen once for all rows. `undefined`: whatever stands in the cell is good. */
export function plainTest(field: FieldDescription): PlainTest | undefined {
  switch (field.type) {
    case 'boolean':
      return isPlainBoolean
    case 'int':
    case 'long':
      return isPlainInteger
    case 'double':
    case 'currency':
    case 'percent':
      return numberTest(field)
    case 'date':
      return isPlainDate
    case 'datetime':
      return isPlainDateTime
    case 'email':
      return (bytes, start, end) => end - start <= field.length && isPlainEmail(bytes, start, end)
    case 'picklist':
      return field.restrictedPicklist ? picklistTest(field) : lengthTest(field)
    case 'multipicklist':
      return field.restrictedPicklist ? never : lengthTest(field)
    // Whole files: reading them twice would cost more than the refusal of one that is damaged.
    case 'base64':
      return undefined
    case 'time':
    case 'id':
    case 'reference':
      return never
    default:
      return lengthTest(field)
  }
}

/** The same test as the kernel makes it of many rows at a time; undefined where it has none. */
export function plainKind(field: FieldDescription): PlainKind | undefined {
  switch (field.type) {
    case 'boolean':
    case 'date':
      return { name: field.type }
    case 'int':
    case 'long':
      return { name: 'integer' }
    case 'double':
    case 'currency':
    case 'percent':
      return { name: 'number', most: mostDigits(field), scale: field.scale }
    case 'base64':
      return { name: 'any' }
    case 'datetime':
    case 'email':
    case 'time':
    case 'id':
    case 'reference':
      return undefined
    case 'picklist':
    case 'multipicklist':
      return field.restrictedPicklist ? undefined : lengthKind(field)
    default:
      return lengthKind(field)
  }
}

function lengthKind({ length }: FieldDescription): PlainKind {
  return length === 0 ? { name: 'any' } : { name: 'length', most: length }
}

const zero = 0x30
const nine = 0x39
const minus = 0x2d
const point = 0x2e
const colon = 0x3a
const at = 0x40
const letterT = 0x54
const letterZ = 0x5a

const never: PlainTest = () => false

/** A text of so many bytes has at most so many characters. */
function lengthTest({ length }: FieldDescription): PlainTest | undefined {
  return length === 0 ? undefined : (_, start, end) => end - start <= length
}

function picklistTest({ picklistValues }: FieldDescription): PlainTest {
  // Texts of bytes, one character each, on both sides: the cell need not be decoded.
  const values = picklistValues.filter(({ active }) => active).map(({ value }) => Buffer.from(value).toString('latin1'))
  const allowed = new Set(values)
  return (bytes, start, end) => allowed.has(bytes.toString('latin1', start, end))
}

const words = ['true', 'false', '1', '0'].map((word) => Buffer.from(word))

function isPlainBoolean(bytes: Buffer, start: number, end: number): boolean {
  return words.some((word) => {
    if (word.length !== end - start) return false
    for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false
    return true
  })
}

/** Up to nine digits cannot leave the range. */
function isPlainInteger(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start] === minus ? start + 1 : start
  return end > first && end - first <= 9 && areDigits(bytes, first, end)
}

/** Digits with at most one point: no more before it than the field has room for, after it where rounding could not add one. */
function numberTest(field: FieldDescription): PlainTest {
  const { scale } = field
  const most = mostDigits(field)
  return (bytes, start, end) => {
    const first = bytes[start] === minus ? start + 1 : start
    let digits = 0
    let decimals = -1
    for (let i = first; i < end; i++) {
      const byte = bytes[i]!
      if (byte === point) {
        if (decimals >= 0) return false
        decimals = 0
      } else if (byte < zero || byte > nine) return false
      else if (decimals >= 0) decimals++
      else digits++
    }
    return digits > 0 && (digits < most || (digits === most && decimals <= scale))
  }
}

function mostDigits({ precision, scale }: FieldDescription): number {
  return precision === 0 ? 15 : Math.min(precision - scale, 15)
}

function isPlainDate(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 10 && isPlainDay(bytes, start)
}

/** `2026-11-21` */
function isPlainDay(bytes: Buffer, start: number): boolean {
  if (bytes[start + 4] !== minus || bytes[start + 7] !== minus) return false
  if (!areDigits(bytes, start, start + 4) || !areDigits(bytes, start + 5, start + 7)) return false
  if (!areDigits(bytes, start + 8, start + 10)) return false
  const year = number(bytes, start, start + 4)
  const month = number(bytes, start + 5, start + 7)
  const day = number(bytes, start + 8, start + 10)
  return isCalendarDay(year, month, day)
}

/** `2026-11-21T16:30:00Z`, or with three decimals of a second. */
function isPlainDateTime(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start
  if ((length !== 20 && length !== 24) || bytes[start + 10] !== letterT || bytes[end - 1] !== letterZ) return false
  if (length === 24 && (bytes[start + 19] !== point || !areDigits(bytes, start + 20, start + 23))) return false
  return isPlainDay(bytes, start) && isPlainTime(bytes, start + 11)
}

function isPlainTime(bytes: Buffer, start: number): boolean {
  if (bytes[start + 2] !== colon || bytes[start + 5] !== colon) return false
  for (const [place, most] of limitsOfTime) {
    if (!areDigits(bytes, start + place, start + place + 2)) return false
    if (number(bytes, start + place, start + place + 2) > most) return false
  }
  return true
}

const limitsOfTime = [
  [0, 23],
  [3, 59],
  [6, 59],
] as const

/** One `@` with something before it, behind it words with points between them; no character that needs a second look. */
function isPlainEmail(bytes: Buffer, start: number, end: number): boolean {
  let domain = -1
  let points = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === at) {
      if (domain >= 0 || i === start) return false
      domain = i + 1
    } else if (byte === point && domain >= 0) {
      if (i === domain || i === end - 1 || bytes[i - 1] === point) return false
      points++
    } else if (!isPlainInEmail(byte)) return false
  }
  return points > 0
}

/** Letters, digits and `!#$%&'*+-./=?^_{|}~` and the backquote. */
function isPlainInEmail(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && plainInEmail[byte] === 1
}

const plainInEmail = new Uint8Array(128).fill(1)
for (const character of '@,;:<>()[]"\\') plainInEmail[character.charCodeAt(0)] = 0

function areDigits(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < zero || byte > nine) return false
  }
  return true
}

function number(bytes: Buffer, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i++) value = value * 10 + bytes[i]! - zero
  return value
}
