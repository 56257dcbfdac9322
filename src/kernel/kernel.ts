import { kernel } from 'sfbulk:kernel'

/**
 * What assembly/ exports: the loops that run over every byte or every row of a load. Each instance works on a memory of its
 * own and keeps nothing besides; sizes and places are bytes.
 *
 * It is WebAssembly because of its vectors of 16 bytes and its multiplications of 64 bits, which JavaScript lacks. Measured
 * on 120 MB of accounts (bench/accounts.ts), beside the same rules as a loop of JavaScript: records found in 0.14 s, not 0.65.
 */
export interface Kernel extends BlockPlaces, JoinPlaces {
  readonly memory: WebAssembly.Memory
  layOutBlock(blockBytes: number, outBytes: number): number
  scan(
    delimiter: number,
    columns: number,
    maxRecordBytes: number,
    line: number,
    end: number,
    atEnd: boolean | 0 | 1,
  ): number
  readonly scanned: WebAssembly.Global
  readonly lineAfter: WebAssembly.Global

  makeValues(first: number, end: number, columns: number, markerStart: number, markerEnd: number): number
  forgetMade(): void
  readonly madeFirst: WebAssembly.Global
  readonly madeCount: WebAssembly.Global
  readonly madeStride: WebAssembly.Global
  readonly madeFree: WebAssembly.Global
  readonly unknowns: WebAssembly.Global

  countPassing(first: number, end: number, checks: number, neededColumn: number, usesMade: boolean): number
  encodeRows(first: number, end: number, pieces: number, enough: number, bytesLeft: number, rowsLeft: number): number
  copyAccepted(first: number, count: number, delimiter: number, createdLength: number, changedLength: number): number
  readAccepted(first: number, end: number, idColumn: number, createdColumn: number): void
  readonly written: WebAssembly.Global
  readonly partIsFull: WebAssembly.Global

  packRows(first: number, end: number, columns: number, row: bigint): number
  readonly packedBytes: WebAssembly.Global
  readonly keptSpelling: WebAssembly.Global

  hashRecords(
    first: number,
    count: number,
    places: number,
    markerStart: number,
    markerEnd: number,
    seed: bigint,
  ): number

  layOutCount(size: number): number
  countLines(length: number, inside: boolean | 0 | 1): number
  readonly isInside: WebAssembly.Global

  layOutJoin(rows: number, batch: number): number
  clearOutcomes(): void
  clearKeys(): void
  indexRows(count: number): number
  findRow(low: number, high: number): number
  matchRows(count: number): void
  settleRows(count: number): void
  listWritten(first: number, end: number): number
}

/** Where the tables of a block lie; assembly/memory.ts tells what they are. */
interface BlockPlaces {
  readonly bytes: WebAssembly.Global
  readonly firstCell: WebAssembly.Global
  readonly cellStart: WebAssembly.Global
  readonly cellEnd: WebAssembly.Global
  readonly recordStart: WebAssembly.Global
  readonly recordEnd: WebAssembly.Global
  readonly line: WebAssembly.Global
  readonly fault: WebAssembly.Global
  readonly traits: WebAssembly.Global
  readonly hashes: WebAssembly.Global
  readonly states: WebAssembly.Global
  readonly ids: WebAssembly.Global
  readonly rows: WebAssembly.Global
  readonly settings: WebAssembly.Global
  readonly settingsBytes: WebAssembly.Global
  readonly out: WebAssembly.Global
  readonly made: WebAssembly.Global
  readonly madeBytes: WebAssembly.Global
  readonly mostMade: WebAssembly.Global
  readonly madeStart: WebAssembly.Global
  readonly madeEnd: WebAssembly.Global
  readonly madeStates: WebAssembly.Global
  readonly unknown: WebAssembly.Global
  readonly programs: WebAssembly.Global
  readonly programBytes: WebAssembly.Global
}

/** Where the tables of a join lie; assembly/join.ts tells what they are. */
interface JoinPlaces {
  readonly rowKeys: WebAssembly.Global
  readonly flags: WebAssembly.Global
  readonly statuses: WebAssembly.Global
  readonly rowIds: WebAssembly.Global
  readonly lines: WebAssembly.Global
}

let compiled: WebAssembly.Module | undefined

/** An instance with a memory of its own, still small. */
export function startKernel(): Kernel {
  compiled ??= new WebAssembly.Module(kernel)
  return new WebAssembly.Instance<Kernel>(compiled).exports
}

/** Makes the memory at least so large. All arrays on it must be made anew. */
export function growMemory({ memory }: Kernel, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
}

const pageBytes = 65_536
