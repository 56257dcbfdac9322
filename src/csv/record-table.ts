import { growMemory, type Kernel, startKernel } from '../kernel/kernel.ts'
import type { RecordBlock } from './records.ts'

/** Blocks of up to this size use the memory of earlier ones again. */
const usualBytes = 1 << 20

/** As in assembly/memory.ts. */
const mostBatched = (1 << 19) + 2

/** What a table's memory can put together at a time. */
const outBytes = 5 << 18

/**
 * A `RecordBlock` in the memory of a kernel, which is filled again and again: a file of any size is scanned without making
 * garbage. The tables are as large as a block can need, so they never grow; only a long record takes another memory.
 */
export class RecordTable implements RecordBlock {
  kernel!: Kernel
  bytes!: Buffer
  count = 0
  firstCell!: Int32Array
  cellStart!: Int32Array
  cellEnd!: Int32Array
  recordStart!: Int32Array
  recordEnd!: Int32Array
  line!: Float64Array
  fault!: Uint8Array
  traits!: Uint8Array
  /** What `Kernel.hashRecords` gives: the low and the high half of each hash in turn. */
  hashes!: Uint32Array
  /** One byte for each record, as the latest call to the kernel left them. */
  states!: Uint8Array
  /** 18 characters for each record. */
  ids!: Buffer
  /** What goes with a call to the kernel. */
  settings!: Buffer
  /** What the kernel put together. */
  out!: Buffer
  /** The whole memory, which holds the values that were made of cells: `ComputedCells` fills and reads these. */
  made!: Buffer
  madeStart!: Int32Array
  madeEnd!: Int32Array
  madeStates!: Uint8Array
  unknown!: Int32Array
  programs!: Buffer
  maker: unknown
  offset = 0

  #capacity = 0

  private constructor(capacity: number) {
    this.#take(capacity)
  }

  /** An empty table for blocks of this size; `offset` is the place of its first byte in the decoded file. */
  static lend(blockBytes: number, offset: number): RecordTable {
    const spared = blockBytes <= usualBytes ? spare.pop() : undefined
    const table = spared ?? new RecordTable(Math.max(usualBytes, blockBytes))
    table.#show(blockBytes)
    table.offset = offset
    table.count = 0
    table.kernel.forgetMade()
    return table
  }

  /** What `use` makes of a table that holds a text; neither holds longer than the call. */
  static holding<Result>(text: Buffer, offset: number, use: (table: RecordTable) => Result): Result {
    const table = RecordTable.lend(text.length, offset)
    text.copy(table.bytes)
    try {
      return use(table)
    } finally {
      table.giveBack()
    }
  }

  /** The table is not used any more, and may be lent again. */
  giveBack(): void {
    if (this.#capacity === usualBytes && spare.length < mostSpare) spare.push(this)
  }

  /** Moves the bytes from `from` to `end` to the front, into memory of `size` bytes, which is no less than there was. */
  carryOver(from: number, end: number, size: number): void {
    const before = this.bytes
    if (size > this.#capacity) this.#take(size)
    if (size !== before.length) this.#show(size)
    before.copy(this.bytes, 0, from, end)
    this.offset += from
  }

  #show(blockBytes: number): void {
    this.bytes = Buffer.from(this.kernel.memory.buffer, this.kernel.bytes.value, blockBytes)
  }

  #take(capacity: number): void {
    const kernel = startKernel()
    growMemory(kernel, kernel.layOutBlock(capacity, outBytes))
    const { buffer } = kernel.memory
    const cells = capacity + 2
    const records = (capacity >> 1) + 2
    const batch = Math.min(records, mostBatched)
    this.kernel = kernel
    this.#capacity = capacity
    this.firstCell = new Int32Array(buffer, kernel.firstCell.value, records + 1)
    this.cellStart = new Int32Array(buffer, kernel.cellStart.value, cells)
    this.cellEnd = new Int32Array(buffer, kernel.cellEnd.value, cells)
    this.recordStart = new Int32Array(buffer, kernel.recordStart.value, records)
    this.recordEnd = new Int32Array(buffer, kernel.recordEnd.value, records)
    this.line = new Float64Array(buffer, kernel.line.value, records)
    this.fault = new Uint8Array(buffer, kernel.fault.value, records)
    this.traits = new Uint8Array(buffer, kernel.traits.value, records)
    this.hashes = new Uint32Array(buffer, kernel.hashes.value, batch * 2)
    this.states = new Uint8Array(buffer, kernel.states.value, batch)
    this.ids = Buffer.from(buffer, kernel.ids.value, batch * 18)
    this.settings = Buffer.from(buffer, kernel.settings.value, kernel.settingsBytes.value)
    this.out = Buffer.from(buffer, kernel.out.value, outBytes)
    const mostMade = kernel.mostMade.value
    this.made = Buffer.from(buffer)
    this.madeStart = new Int32Array(buffer, kernel.madeStart.value, mostMade)
    this.madeEnd = new Int32Array(buffer, kernel.madeEnd.value, mostMade)
    this.madeStates = new Uint8Array(buffer, kernel.madeStates.value, mostMade)
    this.unknown = new Int32Array(buffer, kernel.unknown.value, mostMade)
    this.programs = Buffer.from(buffer, kernel.programs.value, kernel.programBytes.value)
    this.maker = undefined
  }
}

const spare: RecordTable[] = []
const mostSpare = 4
