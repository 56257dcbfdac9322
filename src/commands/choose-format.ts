import { UsageError } from '../errors.ts'
import { type Format, formats } from '../formats/record-writer.ts'
import type { QueryCall } from './run-query.ts'

/** The format asked for, or that of the output's name: `rows.jsonl.gz`. Throws `UsageError` for one that cannot be written so. */
export function chooseFormat({ options: { format, output, splitRows }, io }: QueryCall): Format {
  if (splitRows !== undefined && output === undefined) {
    throw new UsageError('--split-rows needs --output', { hint: 'add --output rows.csv' })
  }
  const chosen = format ?? formatOfName(output) ?? 'csv'
  if (chosen === 'parquet' && /\.gz$/i.test(output ?? '')) {
    throw new UsageError('Parquet is compressed in itself, and no reader takes it as .gz', { hint: 'name it .parquet' })
  }
  if (chosen === 'parquet' && output === undefined && io.stdout.isTTY === true) {
    throw new UsageError('Parquet is no text for a terminal', { hint: 'add --output rows.parquet' })
  }
  return chosen
}

/** What to tell when the output's name promises a format that is not written. */
export function noteName({ format, output }: QueryCall['options']): string | undefined {
  if (format !== undefined || !otherFormats.has(extensionOf(output))) return undefined
  return `${output} becomes CSV: its name tells none of the formats that are written (${formats.join(', ')})`
}

function formatOfName(output: string | undefined): Format | undefined {
  const extension = extensionOf(output)
  return extension === 'ndjson' ? 'jsonl' : formats.find((name) => name === extension)
}

function extensionOf(output = ''): string {
  return /\.(\w+?)(?:\.gz)?$/i.exec(output)?.[1]?.toLowerCase() ?? ''
}

const otherFormats = new Set([
  'xlsx',
  'xls',
  'ods',
  'json',
  'tsv',
  'xml',
  'avro',
  'orc',
  'arrow',
  'feather',
  'zip',
  'zst',
])
