import type { CellBytes } from './transform.ts'

/** Takes spaces off both ends. False where a space of Unicode stands there, which is left to `String.trim`. */
export function trimBytes(cell: CellBytes): boolean {
  const { bytes } = cell
  while (cell.start < cell.end && isSpace(bytes[cell.start]!)) cell.start++
  while (cell.start < cell.end && isSpace(bytes[cell.end - 1]!)) cell.end--
  const { start, end } = cell
  if (start === end || (bytes[start]! < 0x80 && bytes[end - 1]! < 0x80)) return true
  return !isWideSpace(bytes, start, end) && !isWideSpace(bytes, end - 2, end) && !isWideSpace(bytes, end - 3, end)
}

/** Makes one space of each run of them, none at the ends. False where there is a space of Unicode. */
export function collapseBytes(cell: CellBytes): boolean {
  const { bytes, start, end } = cell
  let to = start
  let isAfterSpace = true
  for (let from = start; from < end; from++) {
    const byte = bytes[from]!
    if (byte > 0x20) {
      if (byte >= 0xc2 && isWideSpace(bytes, from, end)) return false
      bytes[to++] = byte
      isAfterSpace = false
    } else if (!isSpace(byte)) {
      bytes[to++] = byte
      isAfterSpace = false
    } else if (!isAfterSpace) {
      bytes[to++] = 0x20
      isAfterSpace = true
    }
  }
  cell.end = isAfterSpace && to > start ? to - 1 : to
  return true
}

/** The spaces of ASCII as `String.trim` has them. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** Whether a space beyond ASCII begins here (ECMAScript, "White Space" and "Line Terminators"), in UTF-8. */
function isWideSpace(bytes: Buffer, at: number, end: number): boolean {
  if (at + 2 > end || at < 0) return false
  const second = bytes[at + 1]!
  switch (bytes[at]) {
    case 0xc2:
      return second === 0xa0
    case 0xe1:
      return second === 0x9a && bytes[at + 2] === 0x80
    case 0xe2: {
      const third = bytes[at + 2]!
      if (second === 0x81) return third === 0x9f
      return second === 0x80 && (third <= 0x8a || third === 0xa8 || third === 0xa9 || third === 0xaf)
    }
    case 0xe3:
      return second === 0x80 && bytes[at + 2] === 0x80
    case 0xef:
      return second === 0xbb && bytes[at + 2] === 0xbf
    default:
      return false
  }
}
