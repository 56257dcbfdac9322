import { readChunks } from '../csv/byte-readers.ts'
import { recordText } from '../csv/cells.ts'
import { type RecordBlock, recordFault } from '../csv/records.ts'
import { scanRecords } from '../csv/scan.ts'
import { RunError } from '../errors.ts'
import type { RecordWriter, WriteBytes } from '../formats/record-writer.ts'
import { dropBehind } from '../org/drop-bytes.ts'
import { BlockQueue } from './block-queue.ts'
import { parseHeader } from './rename-header.ts'
import type { RowOutput } from './row-output.ts'

export interface RecordOutputOptions {
  /** Begins a file, given the header line that came. */
  readonly open: (header: Uint8Array, write: WriteBytes) => Promise<RecordWriter>
  /** Where the next file goes. Called once, and once more each time that a file is full. */
  readonly nextFile: () => Promise<{ write(block: Uint8Array): Promise<void> }>
  /** Rows of a file, where the result is split. */
  readonly rowsPerFile?: number | undefined
  /** Which rows are written; default: all. */
  readonly filter?: RowFilter | undefined
}

/** Chooses the rows that are written. */
export interface RowFilter {
  /** Told once, before the first row: the columns as the service names them. */
  setColumns(columns: readonly string[]): void
  /** Asked once for each row, in their order. */
  keep(block: RecordBlock, record: number): boolean
}

/** An output for which the rows are told apart: another format than CSV, or several files. */
export function createRecordOutput({ open, nextFile, rowsPerFile, filter }: RecordOutputOptions): RowOutput {
  const queue = new BlockQueue(queueBytes)
  let bytes = 0
  let dropped = 0
  let written: Promise<void> | undefined
  const openFile = async (header: Uint8Array) => {
    const file = await nextFile()
    return await open(header, async (block) => {
      bytes += block.length
      await file.write(block)
    })
  }
  async function writeHeader(line: Uint8Array): Promise<void> {
    const writer = await openFile(line)
    const columns = parseHeader(line)
    filter?.setColumns(columns)
    const keep = (block: RecordBlock, record: number) => {
      const isKept = filter === undefined || filter.keep(block, record)
      if (!isKept) dropped++
      return isKept
    }
    const openNext = () => openFile(line)
    written = writeRecords(queue, writer, { columns: columns.length, rowsPerFile, keep, openNext })
    // Told to whoever pushes next, and by `finish`; without a listener it would end the process.
    written.catch((error: unknown) => queue.fail(error))
  }
  return {
    get bytes() {
      return bytes
    },
    get dropped() {
      return dropped
    },
    writeHeader,
    async write(rows) {
      await queue.push(rows)
      if (queue.failure !== undefined) await written
    },
    async finish() {
      // A result without rows may come without a header, too.
      if (written === undefined) await writeHeader(new Uint8Array(0))
      queue.close()
      await written
    },
    async abandon() {
      queue.fail(new RunError('the rest of the rows did not come'))
      // What came is still on its way into files, of which more may be begun.
      await written?.catch(() => undefined)
    },
  }
}

const queueBytes = 1024 * 1024

interface Split {
  readonly columns: number
  readonly rowsPerFile: number | undefined
  readonly keep: (block: RecordBlock, record: number) => boolean
  readonly openNext: () => Promise<RecordWriter>
}

async function writeRecords(queue: BlockQueue, first: RecordWriter, split: Split): Promise<void> {
  const { rowsPerFile = Number.POSITIVE_INFINITY } = split
  let writer = first
  let room = rowsPerFile
  for await (const block of scanRecords(readChunks(dropBehind(queue)), { delimiter: ',' })) {
    refuseFaults(block, split.columns)
    for (let from = 0; from < block.count; ) {
      if (!split.keep(block, from)) {
        from++
        continue
      }
      if (room === 0) {
        await writer.end()
        writer = await split.openNext()
        room = rowsPerFile
      }
      const most = Math.min(block.count, from + room)
      let to = from + 1
      let isKept = true
      while (to < most && isKept) {
        isKept = split.keep(block, to)
        if (isKept) to++
      }
      await writer.write(block, from, to)
      room -= to - from
      from = isKept ? to : to + 1
    }
  }
  await writer.end()
}

/** The service's own CSV is sound; what is not was damaged on its way. */
function refuseFaults(block: RecordBlock, columns: number): void {
  for (let record = 0; record < block.count; record++) {
    const cells = block.firstCell[record + 1]! - block.firstCell[record]!
    if (block.fault[record] === recordFault.quote || cells !== columns) throw damaged(block, record)
  }
}

function damaged(block: RecordBlock, record: number): RunError {
  return new RunError(`a row of the result is no sound CSV: ${recordText(block, record).slice(0, 100)}`, {
    code: 'BAD_RESULT',
    hint: 'run the query again',
  })
}
