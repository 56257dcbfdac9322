// Where things lie in the kernel's memory. JavaScript calls one of the `layOut…` functions once, makes the memory as large
// as it says, and then looks at the same places through typed arrays; the tables are as large as a block could need at
// worst, since pages that nobody touches cost nothing.
// This folder is AssemblyScript (https://www.assemblyscript.org), which `npm run build` compiles: TypeScript's grammar with
// WebAssembly's types. What each function is for, and what was measured against what, is told in src/kernel/kernel.ts.

/** Bytes of the block, and as many again behind it as a vector may read or write too much. */
export let blockBytes: i32 = 0
export let bytes: usize = 0

/** Per 64 bytes of the block three words of 64 bits: `anyMark`, `quoteMark`, `lineEndMark`. */
export let marks: usize = 0

// The tables of `RecordBlock`.
export let firstCell: usize = 0
export let cellStart: usize = 0
export let cellEnd: usize = 0
export let recordStart: usize = 0
export let recordEnd: usize = 0
export let line: usize = 0
export let fault: usize = 0
export let traits: usize = 0

/** One 64-bit hash for each record. */
export let hashes: usize = 0
/** 18 characters for each record. */
export let ids: usize = 0
/** One byte for each record: what `outcomes.ts` knows of it, or what the latest call has to say of it. */
export let states: usize = 0
/** One number of 32 bits for each record. */
export let rows: usize = 0

/** Numbers that go with a call: runs of columns, places of the cells of a key. */
export let settings: usize = 0
export const settingsBytes: i32 = 65536

/** Bytes that are put together here. */
export let out: usize = 0
export let outBytes: i32 = 0

/** Values that are made of cells, as far as they are not parts of these; what is not filled by the kernel is left to JavaScript. */
export let made: usize = 0
export const madeBytes: i32 = 1 << 21
/** Most values at a time. */
export const mostMade: i32 = 1 << 18
/** Where each value begins and ends, counted from the beginning of the memory: those of a column follow one another. */
export let madeStart: usize = 0
export let madeEnd: usize = 0
/** One byte for each record: 1 where a value is not there. */
export let madeStates: usize = 0
/** Numbers of the values that the kernel cannot make. */
export let unknown: usize = 0
/** What is done to the cells; assembly/make.ts tells how it is written. */
export let programs: usize = 0
export const programBytes: i32 = 1 << 18

/** Room for the values of a record while they are put into their canonical spelling. */
export let scratch: usize = 0
export let scratchBytes: i32 = 0

export const idLength: i32 = 18
/** What may be read or written too much: of a block by vectors, of the tables of cells by assembly/scan-sound.ts. */
const padding: i32 = 64
/** Blocks of a mebibyte fit in; larger ones, which are rare, need not be worked on in batches. */
const mostBatched: i32 = (1 << 19) + 2
const mostScratch: i32 = 1 << 21

/** Lays out the memory for blocks of so many bytes; returns the bytes that the memory must have. */
export function layOutBlock(block: i32, output: i32): usize {
  const mostCells = block + 2
  const mostRecords = (block >> 1) + 2
  blockBytes = block
  outBytes = output
  begin()
  bytes = take(block + padding)
  marks = take(((block >> 6) + 2) * 24)
  firstCell = take((mostRecords + 1) * 4)
  cellStart = take(mostCells * 4 + padding)
  cellEnd = take(mostCells * 4 + padding)
  recordStart = take(mostRecords * 4)
  recordEnd = take(mostRecords * 4)
  line = take(mostRecords * 8)
  fault = take(mostRecords)
  traits = take(mostRecords)
  placeBatch(min(mostRecords, mostBatched))
  settings = take(settingsBytes + padding)
  out = take(output + padding)
  placeMade()
  scratchBytes = min(2 * block, mostScratch)
  scratch = take(scratchBytes + padding)
  return end
}

/** A block alone; returns where it ends. */
export function placeBytes(size: i32): usize {
  bytes = take(size + padding)
  return end
}

/** The arrays that have an entry for each record of a block. */
export function placeBatch(records: i32): void {
  hashes = take(records * 8)
  states = take(records)
  ids = take(records * idLength)
  rows = take(records * 4)
}

function placeMade(): void {
  made = take(madeBytes + padding)
  madeStart = take(mostMade * 4)
  madeEnd = take(mostMade * 4)
  madeStates = take(mostMade)
  unknown = take(mostMade * 4)
  programs = take(programBytes + padding)
}

/** Where what has been placed so far ends. */
export let end: usize = 0

export function begin(): void {
  end = __heap_base
}

export function take(size: i32): usize {
  const place = end
  end = (end + size + 63) & ~63
  return place
}

export function zero(from: usize, length: usize): void {
  memory.fill(from, 0, length)
}
