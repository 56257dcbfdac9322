import type { RecordBlock } from './records.ts'

/**
 * A `RecordBlock` that is filled again and again: its arrays grow to what the widest block needed and stay, so that a
 * file of any size is scanned without making garbage.
 */
export class RecordTable implements RecordBlock {
  bytes: Buffer
  count = 0
  firstCell = new Int32Array(1025)
  cellStart = new Int32Array(8192)
  cellEnd = new Int32Array(8192)
  recordStart = new Int32Array(1024)
  recordEnd = new Int32Array(1024)
  line = new Float64Array(1024)
  fault = new Uint8Array(1024)
  traits = new Uint8Array(1024)
  offset: number

  /** @param bytes the block's memory; `offset` is the place of its first byte in the decoded file. */
  constructor(bytes: Buffer, offset: number) {
    this.bytes = bytes
    this.offset = offset
  }

  /** Makes room for twice as many cells. Whoever holds one of the arrays must take it anew. */
  growCells(): void {
    this.cellStart = doubled(this.cellStart, Int32Array)
    this.cellEnd = doubled(this.cellEnd, Int32Array)
  }

  /** Makes room for twice as many records. */
  growRecords(): void {
    this.recordStart = doubled(this.recordStart, Int32Array)
    this.recordEnd = doubled(this.recordEnd, Int32Array)
    this.line = doubled(this.line, Float64Array)
    this.fault = doubled(this.fault, Uint8Array)
    this.traits = doubled(this.traits, Uint8Array)
    const firstCell = new Int32Array(this.recordStart.length + 1)
    firstCell.set(this.firstCell)
    this.firstCell = firstCell
  }

  /** Moves the bytes from `from` to `end` to the front, into memory of `size` bytes. */
  carryOver(from: number, end: number, size: number): void {
    if (size === this.bytes.length) {
      this.bytes.copyWithin(0, from, end)
    } else {
      const larger = Buffer.allocUnsafeSlow(size)
      this.bytes.copy(larger, 0, from, end)
      this.bytes = larger
    }
    this.offset += from
  }
}

interface NumberArray<A> {
  readonly length: number
  set(from: A): void
}

function doubled<A extends NumberArray<A>>(array: A, make: new (length: number) => A): A {
  const larger = new make(array.length * 2)
  larger.set(array)
  return larger
}
