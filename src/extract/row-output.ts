import { dropBytes, keepFreedMemory } from '../org/drop-bytes.ts'
import type { ByteSink } from './byte-sink.ts'
import { renameHeader } from './rename-header.ts'

/** Rows of CSV on their way out: the header line, then rows as the service wrote them. */
export interface RowOutput {
  /** Bytes written so far. */
  readonly bytes: number
  /** Rows that were left out on purpose so far. */
  readonly dropped: number
  /** @param line without its line ending; an empty one, which a service without columns sends, is left out */
  writeHeader(line: Uint8Array): Promise<void>
  /** @param rows whole rows or pieces of them, each with its line ending in the end; they are given away, their memory may be given back */
  write(rows: Uint8Array): Promise<void>
  /** No more rows follow: what was gathered is written. */
  finish(): Promise<void>
  /** Rows are missing: what was gathered is given up. */
  abandon(): Promise<void>
}

/**
 * Rows as they come, under a header line with the names asked for. `names`: new name of each column to be renamed.
 * `change`: what the rows become, piece by piece.
 */
export function createRowOutput(
  sink: Pick<ByteSink, 'write'>,
  names: ReadonlyMap<string, string>,
  change: (rows: Uint8Array) => Uint8Array = (rows) => rows,
): RowOutput {
  keepFreedMemory()
  let bytes = 0
  async function write(block: Uint8Array): Promise<void> {
    bytes += block.length
    await sink.write(block)
  }
  return {
    get bytes() {
      return bytes
    },
    dropped: 0,
    async writeHeader(line) {
      if (line.length > 0) await write(Buffer.concat([renameHeader(line, names), Buffer.from('\n')]))
    },
    async write(rows) {
      const block = change(rows)
      if (block !== rows) dropBytes(rows)
      await write(block)
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  }
}
