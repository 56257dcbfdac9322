import type { RecordWriter, WriteBytes } from './record-writer.ts'

/** CSV whose rows stand as they came; `header` without its line ending, empty where the service sent none. */
export async function createCsvWriter(header: Uint8Array, write: WriteBytes): Promise<RecordWriter> {
  if (header.length > 0) await write(Buffer.concat([header, lineFeed]))
  return {
    async write(block, from, to) {
      if (from === to) return
      // The records of a block follow each other with nothing but their line ends between them. The block is lent: its
      // bytes are copied before they wait for the disk.
      const rows = block.bytes.subarray(block.recordStart[from], block.recordEnd[to - 1])
      await write(Buffer.concat([rows, lineFeed]))
    },
    end: async () => undefined,
  }
}

const lineFeed = Buffer.from('\n')
