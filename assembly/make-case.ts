// Letters in the other case.
import * as text from './make-text'

/** Characters of two bytes: their case stands in a table, 0 where it takes more than a character or a look around. */
const firstOfTwoBytes: u32 = 0x80

/** Moves the 26 letters from `first` on by `by`; `table`: for each character from U+0080 to U+07FF what it becomes. */
export function changeCase(table: usize, first: u8, by: i32): bool {
  let from = text.start
  for (; from < text.end; from += 16) {
    const chunk = v128.load(from)
    let wide = i8x16.bitmask(chunk)
    if (text.end - from < 16) wide &= (1 << (<i32>(text.end - from))) - 1
    if (wide !== 0) break
    const isLetter = i8x16.lt_u(i8x16.sub(chunk, i8x16.splat(first)), i8x16.splat(26))
    v128.store(from, i8x16.add(chunk, v128.and(isLetter, i8x16.splat(<i8>by))))
  }
  for (let at = from; at < text.end; at++) {
    const byte = load<u8>(at)
    if (byte < 0x80) {
      if (<u8>(byte - first) < 26) store<u8>(at, <u8>(byte + by))
      continue
    }
    if (byte >= 0xe0) return false
    const character = ((<u32>(byte & 0x1f)) << 6) | (load<u8>(at, 1) & 0x3f)
    const changed = <u32>load<u16>(table + ((character - firstOfTwoBytes) << 1))
    if (changed === 0) return false
    store<u8>(at, <u8>(0xc0 | (changed >> 6)))
    store<u8>(++at, <u8>(0x80 | (changed & 0x3f)))
  }
  return true
}

/** Each word with one capital letter, the rest in lower case. ASCII alone. */
export function makeTitle(): bool {
  let isWithin = false
  for (let at = text.start; at < text.end; at++) {
    let byte = load<u8>(at)
    if (byte >= 0x80) return false
    const letter: u8 = byte | 0x20
    const isLetter = letter >= 0x61 && letter <= 0x7a
    if (isLetter) byte = isWithin ? letter : letter ^ 0x20
    store<u8>(at, byte)
    isWithin = isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x27
  }
  return true
}
