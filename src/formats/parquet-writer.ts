import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { cellText } from '../csv/cells.ts'
import { RunError } from '../errors.ts'
import type { RecordWriter, WriteBytes } from './record-writer.ts'
import type { ColumnKind, TypedColumn } from './typed-column.ts'

/**
 * Parquet, compressed by Snappy: text, boolean, 32-bit integer, double, date and timestamp (milliseconds, UTC); an empty
 * cell is null. Rows are gathered to groups of at most `groupRows` rows or `groupBytes` bytes of cells, which bounds the
 * memory. Throws `RunError` for a cell that is not what its column says.
 */
export function createParquetWriter(columns: readonly TypedColumn[], write: WriteBytes): RecordWriter {
  const bytes = new FlushedBytes(write)
  const parquet = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy: 'sfbulk' })
  let group = emptyGroup(columns)
  let gathered = 0
  const flushGroup = async () => {
    const columnData = columns.map(({ name }, index) => ({ name, data: group[index] ?? [] }))
    await parquet.write({ columnData, rowGroupSize: groupRows })
    group = emptyGroup(columns)
    gathered = 0
  }
  return {
    async write(block, from, to) {
      for (let record = from; record < to; record++) {
        const first = block.firstCell[record]!
        for (const [index, column] of columns.entries()) {
          group[index]?.push(parquetValue(cellText(block, first + index), column))
        }
        gathered += block.recordEnd[record]! - block.recordStart[record]!
        if (gathered >= groupBytes || (group[0]?.length ?? 0) >= groupRows) await flushGroup()
      }
    },
    async end() {
      if ((group[0]?.length ?? 0) > 0) await flushGroup()
      await parquet.finish()
      await bytes.flush()
    },
  }
}

const groupRows = 100_000
const groupBytes = 16 * 1024 * 1024

type ParquetValue = string | number | boolean | Date | undefined

function emptyGroup(columns: readonly TypedColumn[]): ParquetValue[][] {
  return columns.map(() => [])
}

function schemaOf(columns: readonly TypedColumn[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, kind }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...elements[kind] })),
  ]
}

const elements: Readonly<Record<ColumnKind, Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT32' },
  number: { type: 'DOUBLE' },
  date: { type: 'INT32', converted_type: 'DATE' },
  datetime: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    // Without it DuckDB and Arrow read a time of no zone.
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
}

function parquetValue(text: string, { name, kind }: TypedColumn): ParquetValue {
  if (text === '') return undefined
  const value = readValue(text, kind)
  if (value !== undefined) return value
  throw new RunError(`${JSON.stringify(text)} in the column ${name} is no ${kind}, which its Parquet column holds`, {
    code: 'FORMAT',
    hint: 'write --format csv or jsonl',
  })
}

function readValue(text: string, kind: ColumnKind): ParquetValue {
  if (kind === 'text') return text
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (kind === 'date' || kind === 'datetime') {
    const date = new Date(text)
    return Number.isNaN(date.getTime()) ? undefined : date
  }
  const number = Number(text)
  const isSound = kind === 'integer' ? (number | 0) === number : Number.isFinite(number)
  return isSound ? number : undefined
}

/** Hands the bytes of each row group on, so that no more than one is held. */
class FlushedBytes extends ByteWriter {
  readonly #write: WriteBytes

  constructor(write: WriteBytes) {
    super()
    this.#write = write
  }

  async flush(): Promise<void> {
    if (this.index === 0) return
    // A copy: the buffer is filled anew while the last bytes may still wait for the disk.
    const bytes = Buffer.from(this.getBytes())
    this.index = 0
    await this.#write(bytes)
  }
}
