// Dates and times whose pattern has digits alone, such as dd.MM.yyyy HH:mm.
import * as texts from './texts'

const zero: u8 = 0x30
/** What stands between the digits of a date. */
const hyphens = v128(0, 0, 0, 0, 0x2d, 0, 0, 0x2d, 0, 0, 0, 0, 0, 0, 0, 0)

/** Bytes of one part of a pattern: which one, least and most digits; or -1, and where its text begins and ends. */
const partBytes: usize = 16

let year: i32 = 0
let month: i32 = 0
let day: i32 = 0
let hour: i32 = 0
let minute: i32 = 0
let second: i32 = 0
let millisecond: i32 = 0

/**
 * `kind`: 0 a date, 1 a date with a time, 2 a time. The texts of the pattern stand behind its parts. `layout`: for dates that
 * have their digits always at the same places four vectors: what stands between the digits, where digits stand, where those
 * of the date come from, and how many bytes there are (none where there is no such layout).
 */
export function makeDate(pattern: usize, parts: i32, kind: i32, layout: usize): void {
  const size = load<i32>(layout, 48)
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const end = texts.endOf(index)
    if (!texts.hasRoom(32)) return
    if (<i32>(end - start) === size && moveDigits(start, size, layout)) texts.put(index, texts.free + 10)
    else if (readParts(start, end, pattern, parts) && isMoment(kind)) texts.put(index, spell(kind))
    else texts.lose(index)
  }
}

/** Writes a date whose digits stand where its pattern has them; false where they do not, or there is no such day. */
function moveDigits(start: usize, size: i32, layout: usize): bool {
  const chunk = v128.load(start)
  const isDigitHere = i8x16.lt_u(i8x16.sub(chunk, i8x16.splat(zero)), i8x16.splat(10))
  const fits = v128.or(i8x16.eq(chunk, v128.load(layout)), v128.and(isDigitHere, v128.load(layout, 16)))
  if ((~i8x16.bitmask(fits) & texts.knownBits(size)) !== 0) return false
  const date = v128.or(i8x16.swizzle(chunk, v128.load(layout, 32)), hyphens)
  v128.store(texts.free, date)
  const values = i8x16.sub(date, i8x16.splat(zero))
  const month = 10 * i8x16.extract_lane_u(values, 5) + i8x16.extract_lane_u(values, 6)
  const day = 10 * i8x16.extract_lane_u(values, 8) + i8x16.extract_lane_u(values, 9)
  if (month !== 2 || day < 29) return isDay(0, month, day)
  const century = 10 * i8x16.extract_lane_u(values, 0) + i8x16.extract_lane_u(values, 1)
  return isDay(100 * century + 10 * i8x16.extract_lane_u(values, 2) + i8x16.extract_lane_u(values, 3), month, day)
}

function isMoment(kind: i32): bool {
  return (kind === 2 || isDay(year, month, day)) && hour <= 23 && minute <= 59 && second <= 59
}

function spell(kind: i32): usize {
  let at = texts.free
  if (kind !== 2) {
    at = put(at, year, 4, 0x2d)
    at = put(at, month, 2, 0x2d)
    at = put(at, day, 2, kind === 1 ? 0x54 : 0)
  }
  if (kind !== 0) {
    at = put(at, hour, 2, 0x3a)
    at = put(at, minute, 2, 0x3a)
    at = put(at, second, 2, 0x2e)
    at = put(at, millisecond, 3, 0x5a)
  }
  return at
}

function readParts(start: usize, end: usize, pattern: usize, parts: i32): bool {
  year = month = day = hour = minute = second = millisecond = 0
  let at = start
  for (let index = 0; index < parts; index++) {
    const part = pattern + <usize>index * partBytes
    const name = load<i32>(part)
    const one = load<i32>(part, 4)
    const two = load<i32>(part, 8)
    if (name < 0) {
      for (let literal = pattern + one; literal < pattern + two; literal++) {
        if (at >= end || load<u8>(at++) !== load<u8>(literal)) return false
      }
      continue
    }
    let value = 0
    let digits = 0
    for (; digits < two && at < end && isDigit(load<u8>(at)); digits++) value = value * 10 + (load<u8>(at++) - zero)
    if (digits < one) return false
    keep(name, value)
  }
  return at === end
}

function keep(name: i32, value: i32): void {
  switch (name) {
    case 0:
      year = value
      return
    case 1:
      month = value
      return
    case 2:
      day = value
      return
    case 3:
      hour = value
      return
    case 4:
      minute = value
      return
    case 5:
      second = value
      return
    default:
      millisecond = value
  }
}

/** Whether there is such a day. */
export function isDay(year: i32, month: i32, day: i32): bool {
  if (month < 1 || month > 12 || day < 1) return false
  if (month !== 2) return day <= 30 + ((month + (month >> 3)) & 1)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (isLeap ? 29 : 28)
}

function put(at: usize, value: i32, width: i32, separator: u8): usize {
  let rest = value
  for (let place = at + width - 1; place >= at; place--) {
    store<u8>(place, zero + <u8>(rest % 10))
    rest /= 10
  }
  if (separator !== 0) store<u8>(at + width, separator)
  return at + width + (separator !== 0 ? 1 : 0)
}

function isDigit(byte: u8): bool {
  return byte >= zero && byte <= 0x39
}
