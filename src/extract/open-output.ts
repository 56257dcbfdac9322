import { UsageError } from '../errors.ts'
import { createCsvWriter } from '../formats/csv-writer.ts'
import { createMappedCsvWriter, type MappedColumn } from '../formats/mapped-csv-writer.ts'
import type { Format, RecordWriter, WriteBytes } from '../formats/record-writer.ts'
import type { TypedColumn } from '../formats/typed-column.ts'
import type { Org } from '../org/org.ts'
import type { ByteSink } from './byte-sink.ts'
import { findColumnKinds } from './column-kinds.ts'
import { formulaEscaper } from './escape-formulas.ts'
import type { OutputFiles } from './output-files.ts'
import { createRecordOutput, type RowFilter } from './record-output.ts'
import { parseHeader, renameColumns, renameHeader } from './rename-header.ts'
import { createRowOutput, type RowOutput } from './row-output.ts'

/** How the rows of a query are written. */
export interface OutputShape {
  readonly soql: string
  /** New name of each column that is to be called otherwise than its field. */
  readonly names: ReadonlyMap<string, string>
  /** Which columns are written, and how; default: all, as they come. CSV alone. */
  readonly columns?: ColumnChoice | undefined
  /** Columns as the SELECT has them, where the service may give them in another order. CSV alone. */
  readonly order?: readonly string[] | undefined
  /** Default: csv. */
  readonly format?: Format | undefined
  /** Rows of a file, where the result is split. */
  readonly rowsPerFile?: number | undefined
  /** Whether cells that a spreadsheet would calculate become text. CSV alone. */
  readonly csvSafe?: boolean | undefined
  /** Which rows are written; default: all. */
  readonly filter?: RowFilter | undefined
}

/** Columns that a mapping chooses. */
export interface ColumnChoice {
  readonly wanted: readonly { readonly field: string; readonly name: string; readonly format: MappedColumn['format'] }[]
  /** Told of what is left out. */
  readonly note: (text: string) => void
}

/** Opens the first file, so that one that cannot be written is known before the org is asked. */
export async function openOutput(shape: OutputShape, files: OutputFiles, org: Org): Promise<RowOutput> {
  const { format = 'csv', rowsPerFile, filter, names, columns, order, csvSafe = false } = shape
  let first: ByteSink | undefined = await files.next()
  const asTheyCome = [rowsPerFile, filter, columns, order].every((choice) => choice === undefined)
  if (asTheyCome && format === 'csv') return createRowOutput(first, names, csvSafe ? formulaEscaper() : undefined)
  const nextFile = async () => {
    const file = first ?? (await files.next())
    first = undefined
    return file
  }
  const open =
    format === 'csv'
      ? (header: Uint8Array, write: WriteBytes) => {
          const change = csvSafe ? formulaEscaper() : undefined
          const writeSafely: WriteBytes = change === undefined ? write : (bytes) => write(change(bytes))
          if (columns !== undefined && header.length > 0) {
            return createMappedCsvWriter(chooseColumns(header, columns), writeSafely)
          }
          return order === undefined || header.length === 0
            ? createCsvWriter(renameHeader(header, names), writeSafely)
            : createMappedCsvWriter(orderColumns(header, order, names), writeSafely)
        }
      : typedWriter(format, shape, org)
  return createRecordOutput({ open, nextFile, rowsPerFile, filter })
}

/** All columns that came, those that the SELECT names in its order, the others behind them. */
function orderColumns(
  header: Uint8Array,
  order: readonly string[],
  names: ReadonlyMap<string, string>,
): readonly MappedColumn[] {
  const came = parseHeader(header)
  const places = new Map(order.map((name, place) => [name.toLowerCase(), place]))
  const placeOf = (index: number) => places.get(came[index]?.toLowerCase() ?? '') ?? order.length
  const renamed = renameColumns(came, names)
  return renamed
    .map((name, index) => ({ index, name, format: undefined }))
    .sort((one, other) => placeOf(one.index) - placeOf(other.index))
}

/** Finds the columns that are wanted, in any case. Throws `UsageError` when the query has none of them. */
function chooseColumns(header: Uint8Array, { wanted, note }: ColumnChoice): readonly MappedColumn[] {
  const came = parseHeader(header)
  const lower = came.map((name) => name.toLowerCase())
  const placed = wanted.map((column) => ({ ...column, index: lower.indexOf(column.field.toLowerCase()) }))
  const found = placed.filter(({ index }) => index >= 0)
  if (found.length === 0) {
    throw new UsageError('the mapping names no column of the query', {
      code: 'NOTHING_MAPPED',
      hint: `its columns are ${came.join(', ')}`,
    })
  }
  const missing = placed.filter(({ index }) => index < 0).map(({ field }) => field)
  const dropped = came.filter((_, index) => found.every((column) => column.index !== index))
  if (missing.length > 0) note(`not written, because the query does not have them: ${missing.join(', ')}`)
  if (dropped.length > 0) note(`not written, because the mapping does not name them: ${dropped.join(', ')}`)
  return found
}

function typedWriter(format: 'jsonl' | 'parquet', shape: OutputShape, org: Org) {
  let columns: Promise<readonly TypedColumn[]> | undefined
  return async (header: Uint8Array, write: WriteBytes): Promise<RecordWriter> => {
    columns ??= typeColumns(header, shape, org)
    if (format === 'parquet') {
      const { createParquetWriter } = await import('../formats/parquet-writer.ts')
      return createParquetWriter(await columns, write)
    }
    const { createJsonlWriter } = await import('../formats/jsonl-writer.ts')
    return createJsonlWriter(await columns, write)
  }
}

async function typeColumns(
  header: Uint8Array,
  { soql, names }: OutputShape,
  org: Org,
): Promise<readonly TypedColumn[]> {
  const fields = header.length === 0 ? [] : parseHeader(header)
  const kinds = await findColumnKinds(org, soql, fields)
  return renameColumns(fields, names).map((name, index) => ({ name, kind: kinds[index] ?? 'text' }))
}
