import { UsageError } from '../errors.ts'
import type { CsvSource, Dialect, RecordBlock, SourcePosition } from './records.ts'
import { recordFault } from './records.ts'
import { scanRecords } from './scan.ts'
import { describeSource } from './source.ts'
import { Spool } from './spool.ts'

/** An input that came once, as an earlier process kept it. */
export interface KeptInput {
  readonly folder: string
  readonly name: string
  readonly dialect: Dialect
  readonly header: readonly string[]
  /** Where the rows begin. */
  readonly start: SourcePosition
  /** From where it will be read. */
  readonly from: SourcePosition
  /** Rows up to here are known to be whole. */
  readonly whole: SourcePosition | undefined
}

/**
 * Opens an input that was kept. `cutAt`: the end of what is there, when the earlier process ended before it had read the
 * input to its end; a record that may have been cut off in the middle is then left out.
 *
 * Throws `UsageError` when what is needed of it is not there any more.
 */
export async function openKeptSource(
  input: KeptInput,
): Promise<{ readonly source: CsvSource; readonly cutAt: number | undefined }> {
  const { folder, name, dialect, header, start, from } = input
  const { spool, complete } = await Spool.reopen(folder)
  const { range } = spool
  const isEmpty = complete && range.to === 0
  if (!isEmpty && (range.from > from.offset || range.to < from.offset)) {
    await spool.close()
    throw new UsageError(`what was kept of ${name} is not in ${folder} any more`, {
      code: 'INPUT_GONE',
      hint: 'the run cannot be carried on; sfbulk runs show tells what became of its jobs',
    })
  }
  const end = complete ? range.to : Math.max(await findWholeEnd(spool, input, range.to), input.whole?.offset ?? 0)
  const source = describeSource(
    {
      name,
      kept: true,
      size: undefined,
      bytesRead: () => range.to,
      readOn: (offset) => spool.read(offset, end),
      readAgain: (offset, to) => spool.read(offset, Math.min(to, end)),
      release: (upTo) => spool.release(upTo),
      flush: async () => {},
      changed: async () => false,
      close: () => spool.close(),
    },
    dialect,
    header,
    start,
  )
  return { source: { ...source, peek: () => 'more' }, cutAt: complete ? undefined : end }
}

/** The place behind the last record that is surely whole: its line has ended, and no quote was left open before it. */
async function findWholeEnd(spool: Spool, { dialect, header, from }: KeptInput, end: number): Promise<number> {
  const scan = { delimiter: dialect.delimiter, columns: header.length, offset: from.offset, line: from.line }
  let whole = from.offset
  for await (const block of scanRecords(spool.read(from.offset, end), scan)) {
    for (let record = 0; record < block.count; record++) {
      if (block.fault[record] === recordFault.quote) return block.offset + block.recordStart[record]!
      whole = endsHere(block, record, end) ? block.offset + block.recordStart[record]! : end
    }
  }
  return whole
}

/** Whether a record reaches to the last byte, so that its line may not have ended. */
function endsHere(block: RecordBlock, record: number, end: number): boolean {
  return block.offset + block.recordEnd[record]! >= end
}
