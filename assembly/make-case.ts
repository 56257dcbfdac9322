// Letters in the other case.
import * as texts from './texts'

/** Characters of two bytes: their case stands in a table, 0 where it takes more than a character or a look around. */
const firstOfTwoBytes: u32 = 0x80

/** Moves the 26 letters from `first` on by `by`; `table`: for each character from U+0080 to U+07FF what it becomes. */
export function changeCase(table: usize, first: u8, by: i32): void {
  const firsts = i8x16.splat(<i8>first)
  const distance = i8x16.splat(<i8>by)
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const size = <i32>(texts.endOf(index) - start)
    if (!texts.hasRoom(size)) return
    const target = texts.free
    let letters = 0
    let wide = 0
    for (let at = 0; at < size; at += 16) {
      const chunk = v128.load(start + at)
      const isLetter = i8x16.lt_u(i8x16.sub(chunk, firsts), i8x16.splat(26))
      v128.store(target + at, i8x16.add(chunk, v128.and(isLetter, distance)))
      const known = texts.knownBits(size - at)
      letters |= i8x16.bitmask(isLetter) & known
      wide |= i8x16.bitmask(chunk) & known
    }
    if (wide !== 0 && !changeWide(target, size, table)) texts.lose(index)
    else if ((letters | wide) !== 0) texts.put(index, target + size)
  }
}

/** The same for what is not ASCII. */
function changeWide(start: usize, size: i32, table: usize): bool {
  for (let at = 0; at < size; at += 16) {
    const isFirst = i8x16.ge_u(v128.load(start + at), i8x16.splat(<i8>0xc0))
    for (let bits = i8x16.bitmask(isFirst) & texts.knownBits(size - at); bits !== 0; bits &= bits - 1) {
      const place = start + at + ctz(bits)
      const byte = load<u8>(place)
      if (byte >= 0xe0) return false
      const character = ((<u32>(byte & 0x1f)) << 6) | (load<u8>(place, 1) & 0x3f)
      const changed = <u32>load<u16>(table + ((character - firstOfTwoBytes) << 1))
      if (changed === 0) return false
      store<u8>(place, <u8>(0xc0 | (changed >> 6)))
      store<u8>(place, <u8>(0x80 | (changed & 0x3f)), 1)
    }
  }
  return true
}

/** Each word with one capital letter, the rest in lower case. ASCII alone. */
export function makeTitle(): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const size = texts.endOf(index) - start
    if (!texts.hasRoom(size)) return
    let isWithin = false
    let isWide = false
    for (let at: usize = 0; at < size; at++) {
      let byte = load<u8>(start + at)
      isWide = isWide || byte >= 0x80
      const letter: u8 = byte | 0x20
      const isLetter = letter >= 0x61 && letter <= 0x7a
      if (isLetter) byte = isWithin ? letter : letter ^ 0x20
      store<u8>(texts.free + at, byte)
      isWithin = isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x27
    }
    if (isWide) texts.lose(index)
    else texts.put(index, texts.free + size)
  }
}
