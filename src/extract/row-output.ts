import type { ByteSink } from './byte-sink.ts'
import { renameHeader } from './rename-header.ts'

/** Rows of CSV on their way out: the header line with the names asked for, then rows as they stand. */
export interface RowOutput {
  /** Bytes written so far. */
  readonly bytes: number
  /** @param line without its line ending; an empty one, which a service without columns sends, is left out */
  writeHeader(line: Uint8Array): Promise<void>
  /** @param rows whole rows or pieces of them, each with its line ending in the end */
  write(rows: Uint8Array): Promise<void>
}

/** @param names new name of each column that is to be called otherwise */
export function createRowOutput(sink: ByteSink, names: ReadonlyMap<string, string>): RowOutput {
  let bytes = 0
  async function write(block: Uint8Array): Promise<void> {
    bytes += block.length
    await sink.write(block)
  }
  return {
    get bytes() {
      return bytes
    },
    async writeHeader(line) {
      if (line.length > 0) await write(Buffer.concat([renameHeader(line, names), Buffer.from('\n')]))
    },
    write,
  }
}
