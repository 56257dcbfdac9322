// Numbers as people of some country write them.
import * as text from './make-text'

const minus: u8 = 0x2d
const point: u8 = 0x2e

/** Digits, groups of three and a decimal sign, all ASCII: what else a number may have is left to JavaScript. */
export function makeNumber(decimal: u8, group: i32): bool {
  const end = text.end
  let from = text.start
  let to = from
  if (load<u8>(from) === minus) {
    from++
    to++
  }
  let digits = 0
  let sinceGroup = -1
  let hasDecimal = false
  for (; from < end; from++) {
    const byte = load<u8>(from)
    const isWhole = sinceGroup < 0 || sinceGroup === 3
    if (byte >= 0x30 && byte <= 0x39) {
      store<u8>(to++, byte)
      digits++
      if (sinceGroup >= 0) sinceGroup++
    } else if (hasDecimal || digits === 0) {
      return false
    } else if (<i32>byte === group && (sinceGroup === 3 || (sinceGroup < 0 && digits <= 3))) {
      sinceGroup = 0
    } else if (byte === decimal && isWhole && from < end - 1) {
      store<u8>(to++, point)
      hasDecimal = true
      sinceGroup = -1
    } else {
      return false
    }
  }
  text.move(text.start, to)
  return digits > 0 && (sinceGroup < 0 || sinceGroup === 3)
}
