import type { RecordBlock } from '../csv/records.ts'
import type { ByteWriter } from './byte-writer.ts'

const comma = 0x2c
const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Copies a cell between quotes: line endings inside become LF, quotes of an unquoted cell are doubled. */
export function copyQuoted(bytes: Buffer, start: number, end: number, isQuoted: boolean, out: ByteWriter): void {
  out.byte(quote)
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === carriageReturn) {
      out.byte(lineFeed)
      if (bytes[i + 1] === lineFeed && i + 1 < end) i++
    } else {
      if (byte === quote && !isQuoted) out.byte(quote)
      out.byte(byte)
    }
  }
  out.byte(quote)
}

/** Whether a cell that stands without quotes needs them where commas delimit. */
export function needsQuotes(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]
    if (byte === comma || byte === quote || byte === carriageReturn) return true
  }
  return false
}

/** Bytes of a cell, its quotes taken off. */
export function cellLength({ bytes, cellStart, cellEnd }: RecordBlock, cell: number): number {
  const start = cellStart[cell]!
  const end = cellEnd[cell]!
  return end - start >= 2 && bytes[start] === quote ? end - start - 2 : end - start
}

/** A text between quotes, line ends LF. */
export function quoted(text: string): Buffer {
  return Buffer.from(`"${text.replaceAll('"', '""').replaceAll(/\r\n?/g, '\n')}"`)
}
