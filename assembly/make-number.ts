// Numbers as people of some country write them.
import * as texts from './texts'

const zero: u8 = 0x30
const minus: u8 = 0x2d
const point: u8 = 0x2e

/** Digits, groups of three and a decimal sign, all ASCII: what else a number may have is left to JavaScript. */
export function makeNumber(decimal: u8, group: i32): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const end = texts.endOf(index)
    const size = <i32>(end - start)
    if (isPlain(start, size, decimal)) continue
    if (!texts.hasRoom(size)) return
    const to = spell(start, end, decimal, group)
    if (to === 0) texts.lose(index)
    else texts.put(index, to)
  }
}

/** Whether a short text is a number as it stands: digits, among them a decimal point, before them a minus. */
function isPlain(start: usize, size: i32, decimal: u8): bool {
  if (size > 16 || size === 0) return false
  const chunk = v128.load(start)
  const isDigit = i8x16.lt_u(i8x16.sub(chunk, i8x16.splat(zero)), i8x16.splat(10))
  const sign = <i32>(load<u8>(start) === minus)
  const others = ~i8x16.bitmask(isDigit) & texts.knownBits(size) & ~sign
  if (others === 0) return size > sign
  const place = ctz(others)
  const isOne = (others & (others - 1)) === 0
  return isOne && decimal === point && load<u8>(start + place) === point && place > sign && place < size - 1
}

/** Writes the number; 0 where it cannot. */
function spell(start: usize, end: usize, decimal: u8, group: i32): usize {
  let from = start
  let to = texts.free
  if (from < end && load<u8>(from) === minus) {
    store<u8>(to++, minus)
    from++
  }
  let digits = 0
  let sinceGroup = -1
  let hasDecimal = false
  for (; from < end; from++) {
    const byte = load<u8>(from)
    const isWhole = sinceGroup < 0 || sinceGroup === 3
    if (byte >= zero && byte <= 0x39) {
      store<u8>(to++, byte)
      digits++
      if (sinceGroup >= 0) sinceGroup++
    } else if (hasDecimal || digits === 0) {
      return 0
    } else if (<i32>byte === group && (sinceGroup === 3 || (sinceGroup < 0 && digits <= 3))) {
      sinceGroup = 0
    } else if (byte === decimal && isWhole && from < end - 1) {
      store<u8>(to++, point)
      hasDecimal = true
      sinceGroup = -1
    } else {
      return 0
    }
  }
  return digits > 0 && (sinceGroup < 0 || sinceGroup === 3) ? to : 0
}
