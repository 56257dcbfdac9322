import { type RecordBlock, recordFault } from '../csv/records.ts'
import type { RowGate } from '../load/row-gate.ts'
import { LineTally } from './line-tally.ts'

/**
 * What is left of a text that was read in the wrong encoding on its way into the file. The service takes such rows, so they are
 * told and not held back.
 */
export class EncodingDamage implements RowGate {
  /** Characters that could not be read and were replaced by U+FFFD. */
  readonly replaced = new LineTally()
  /** UTF-8 that was read as Windows-1252: `MÃ¼ller`, `donâ€™t`. */
  readonly misread = new LineTally()

  async prepare(block: RecordBlock): Promise<void> {
    if (block.count === 0) return
    note(block, this.replaced, [replacement], () => true)
    note(block, this.misread, misreadStarts, (at) => isMisread(block.bytes, at))
  }

  hold(): undefined {
    return undefined
  }

  /** It lets every row pass. */
  countPassing(_: unknown, first: number, end: number): number {
    return end - first
  }
}

const replacement = Buffer.from('\ufffd')
/** `Ã`, `Â` and `â€`: how the first bytes of characters of Latin scripts and of typographic ones look when misread. */
const misreadStarts = ['Ã', 'Â', 'â€'].map((text) => Buffer.from(text))

/** Whether the character behind is what a second byte of UTF-8 becomes, which no word of a language has there. */
function isMisread(bytes: Buffer, at: number): boolean {
  if (bytes[at] === 0xc3 && bytes[at + 1] === 0xa2) return true
  const [next = 0, after = 0] = [bytes[at + 2], bytes[at + 3]]
  return next === 0xc2 && after >= 0x80 && after <= 0xbf
}

function note(block: RecordBlock, tally: LineTally, patterns: readonly Buffer[], test: (at: number) => boolean): void {
  const end = block.recordEnd[block.count - 1]!
  let last = -1
  const hits = patterns.flatMap((pattern) => findAll(block.bytes, pattern, block.recordStart[0]!, end)).filter(test)
  for (const at of hits.sort((a, b) => a - b)) {
    const record = recordAt(block, at)
    // A row that is no good CSV is rejected as it is.
    if (record !== last && block.fault[record] === recordFault.none) tally.add(block.line[record]!)
    last = record
  }
}

function findAll(bytes: Buffer, pattern: Buffer, start: number, end: number): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(pattern, start); at >= 0 && at < end; at = bytes.indexOf(pattern, at + 1)) found.push(at)
  return found
}

/** The record that a byte belongs to. */
function recordAt({ recordStart, count }: RecordBlock, at: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (recordStart[middle]! <= at) low = middle
    else high = middle - 1
  }
  return low
}
