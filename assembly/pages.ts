// Puts records together as pages of a SQLite table: leaves of its tree, as https://sqlite.org/fileformat2.html has them.
import { copy } from './copy'
import * as memory from './memory'

/** The largest that SQLite takes, so that few rows reach over the end of one. As in src/sqlite/table-file.ts. */
const pageBytes: i32 = 65536
const pageHeaderBytes: i32 = 8
/** The longest row that lies in a page wholly. */
const longestRow: i32 = pageBytes - 35

const quote: u8 = 0x22
const minus: u8 = 0x2d
const point: u8 = 0x2e
const zero: u8 = 0x30

// What becomes of a cell, as in src/sync/pack-rows.ts.
const booleanKind: i32 = 1
const numberKind: i32 = 2
/** Added to the kind of a column that takes no null. */
const required: i32 = 4

/** Bytes of the pages that the latest call put into `memory.out`. */
export let packedBytes: i32 = 0
/** Whether it left a number as text, because 64 bits do not hold its digits or it is spelt in another way. */
export let keptSpelling: bool = false

// Places in `memory.scratch`: the rows of a page, then the values of one row. Its header is put together behind the settings.
const valuesPlace: usize = 1 << 18
const headerPlace: usize = 1 << 15

/**
 * Puts the records from `first` to `end`, all of them sound, into whole pages in `memory.out` and returns their number. It stops
 * before a record that a page may be too short for, and when there is no room for another page.
 *
 * `memory.settings` holds two numbers for each column of the table: the place of its cell, below 0 where the records have
 * none, and its kind. Rows are numbered from `row` on.
 */
export function packRows(first: i32, end: i32, columns: i32, row: i64): i32 {
  const rows = memory.scratch
  let page = memory.out
  const pagesEnd = memory.out + (memory.outBytes & ~(pageBytes - 1))
  let packed = 0
  let inPage = 0
  let used = 0
  keptSpelling = false
  for (let record = first; record < end; record++) {
    const start = load<i32>(memory.recordStart + ((<usize>record) << 2))
    const length = load<i32>(memory.recordEnd + ((<usize>record) << 2)) - start
    // A number of one digit may take 8 bytes, and the length of each value 3.
    if (length + columns * 11 + 3 > longestRow) break
    const size = packRow(rows + used, record, columns, row + packed)
    if (pageHeaderBytes + 2 * (inPage + 1) + used + size > pageBytes) {
      finishPage(page, inPage, used)
      page += pageBytes
      if (page === pagesEnd) {
        packedBytes = <i32>(page - memory.out)
        return packed
      }
      copy(rows, rows + used, size)
      used = 0
      inPage = 0
    }
    store<i32>(memory.rows + ((<usize>inPage) << 2), used)
    used += size
    inPage++
    packed++
  }
  if (inPage > 0) {
    finishPage(page, inPage, used)
    page += pageBytes
  }
  packedBytes = <i32>(page - memory.out)
  return packed
}

/** The rows lie at the end of the page, the places of their beginnings at its front. */
function finishPage(page: usize, count: i32, used: i32): void {
  const content = pageBytes - used
  store<u8>(page, 0x0d)
  store<u16>(page, 0, 1)
  store<u16>(page, bswap<u16>(<u16>count), 3)
  store<u16>(page, bswap<u16>(<u16>content), 5)
  store<u8>(page, 0, 7)
  for (let index = 0; index < count; index++) {
    const place = content + load<i32>(memory.rows + ((<usize>index) << 2))
    store<u16>(page + pageHeaderBytes + ((<usize>index) << 1), bswap<u16>(<u16>place))
  }
  copy(page + content, memory.scratch, used)
}

/** Length of what follows, number of the row, types of the values, values. */
function packRow(target: usize, record: i32, columns: i32, row: i64): i32 {
  const header = memory.settings + headerPlace
  const values = memory.scratch + valuesPlace
  const firstCell = load<i32>(memory.firstCell + ((<usize>record) << 2))
  const cells = load<i32>(memory.firstCell + ((<usize>(record + 1)) << 2)) - firstCell
  let types = header
  let value = values
  for (let column = 0; column < columns; column++) {
    const setting = memory.settings + ((<usize>column) << 3)
    const place = load<i32>(setting)
    const flags = load<i32>(setting, 4)
    const kind = flags & ~required
    let start: usize = 0
    let length = 0
    let isQuoted = false
    if (place >= 0 && place < cells) {
      const cell = (<usize>(firstCell + place)) << 2
      const from = load<i32>(memory.cellStart + cell)
      start = memory.bytes + from
      length = load<i32>(memory.cellEnd + cell) - from
      if (length >= 2 && load<u8>(start) === quote) {
        start++
        length -= 2
        isQuoted = true
      }
    }
    if (length === 0) types = putNumber(types, (flags & required) !== 0 ? 13 : 0)
    else if (kind === booleanKind) types = putNumber(types, load<u8>(start) === 0x74 /* t */ ? 9 : 8)
    else if (kind === numberKind && readNumber(start, length)) {
      const size = storeNumber(value)
      types = putNumber(types, size < 0 ? 7 : serialType(size))
      value += size < 0 ? 8 : size
    } else {
      if (kind === numberKind) keptSpelling = true
      const size = isQuoted ? copyUnquoted(value, start, length) : length
      if (!isQuoted) copy(value, start, length)
      types = putNumber(types, 13 + 2 * size)
      value += size
    }
  }
  const typesLength = <i32>(types - header)
  const valuesLength = <i32>(value - values)
  // The length of the header counts itself.
  const headerLength = typesLength + (typesLength < 127 ? 1 : typesLength < 16382 ? 2 : 3)
  let place = putNumber(target, headerLength + valuesLength)
  place = putNumber(place, row)
  place = putNumber(place, headerLength)
  copy(place, header, typesLength)
  place += typesLength
  copy(place, values, valuesLength)
  return <i32>(place + valuesLength - target)
}

/** A number in 7 bits a byte, the highest first, and returns the place behind it. None needs the ninth byte, which has 8. */
function putNumber(target: usize, value: i64): usize {
  let size: usize = 1
  for (let rest = value >> 7; rest > 0; rest >>= 7) size++
  for (let index = size; index > 0; index--) {
    store<u8>(target + index - 1, <u8>(value & 0x7f) | (index === size ? 0 : 0x80))
    value >>= 7
  }
  return target + size
}

/** Copies a text without the second of two quotes, and returns its length. */
function copyUnquoted(target: usize, start: usize, length: i32): i32 {
  const end = start + length
  const quotes = i8x16.splat(quote)
  let from = start
  let to = target
  for (; from < end; from += 16) {
    const bytes = v128.load(from)
    v128.store(to, bytes)
    let found = i8x16.bitmask(i8x16.eq(bytes, quotes))
    if (end - from < 16) found &= (1 << (<i32>(end - from))) - 1
    if (found !== 0) break
    to += 16
  }
  if (from >= end) return length
  while (from < end) {
    const byte = load<u8>(from++)
    store<u8>(to++, byte)
    if (byte === quote && from < end && load<u8>(from) === quote) from++
  }
  return <i32>(to - target)
}

// What `readNumber` has found: digits, the power of ten that they are divided by, and whether a point or an exponent is written.
let digits: i64 = 0
let divisor: i32 = 0
let isDouble: bool = false

/**
 * Reads a number of at most 15 digits. So many, divided by or multiplied with a power of ten that a double holds exactly, are
 * the double that is nearest to what is written.
 */
function readNumber(start: usize, length: i32): bool {
  const end = start + length
  const isNegative = load<u8>(start) === minus
  let place = isNegative ? start + 1 : start
  digits = 0
  divisor = 0
  isDouble = false
  let count = 0
  for (; place < end; place++) {
    const byte = load<u8>(place)
    if (byte === point && !isDouble && count > 0) {
      isDouble = true
      continue
    }
    const digit = <u32>byte - <u32>zero
    if (digit > 9) break
    digits = digits * 10 + <i64>digit
    if (++count > 15) return false
    if (isDouble) divisor++
  }
  if (count === 0 || (isDouble && divisor === 0)) return false
  if (isNegative) digits = -digits
  return place === end || readExponent(place, end)
}

/** `E8`, `E-7` */
function readExponent(start: usize, end: usize): bool {
  if ((load<u8>(start) | 0x20) !== 0x65 /* e */) return false
  const isNegative = start + 1 < end && load<u8>(start + 1) === minus
  let exponent = 0
  const first = start + (isNegative ? 2 : 1)
  if (first === end || end - first > 2) return false
  for (let place = first; place < end; place++) {
    const digit = <u32>load<u8>(place) - <u32>zero
    if (digit > 9) return false
    exponent = exponent * 10 + <i32>digit
  }
  divisor += isNegative ? exponent : -exponent
  isDouble = true
  return divisor <= mostExactPower && -divisor <= mostExactPower
}

/** 10 to the power of 22 is the last one that a double holds exactly. */
const mostExactPower = 22

/** Writes the number that was read, and returns the bytes of an integer, or -1 for a double. */
function storeNumber(target: usize): i32 {
  if (isDouble) {
    let power: f64 = 1
    for (let index = abs(divisor); index > 0; index--) power *= 10
    const value = divisor < 0 ? <f64>digits * power : <f64>digits / power
    store<u64>(target, bswap<u64>(reinterpret<u64>(value)))
    return -1
  }
  let size = 8
  if (digits >= -0x80 && digits < 0x80) size = 1
  else if (digits >= -0x8000 && digits < 0x8000) size = 2
  else if (digits >= -0x80000000 && digits < 0x80000000) size = 4
  store<u64>(target, bswap<u64>((<u64>digits) << ((8 - size) << 3)))
  return size
}

function serialType(size: i32): i64 {
  return size === 8 ? 6 : size === 4 ? 4 : size
}
