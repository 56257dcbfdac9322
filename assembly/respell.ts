const quote: u8 = 0x22
const lineFeed: u8 = 0x0a
const carriageReturn: u8 = 0x0d

/** Writes a text of a cell to `target`: doubled quotes of a quoted cell become one, CRLF and CR become LF. Gives the place behind it. */
export function respell(from: usize, size: i32, isQuoted: bool, target: usize): usize {
  const end = from + size
  for (let at = from; at < end; at++) {
    let byte = load<u8>(at)
    if (byte === quote && isQuoted) at++
    if (byte === carriageReturn) {
      if (at + 1 < end && load<u8>(at + 1) === lineFeed) at++
      byte = lineFeed
    }
    store<u8>(target++, byte)
  }
  return target
}
