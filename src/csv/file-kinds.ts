import { UsageError } from '../errors.ts'

interface FileKind {
  readonly magic: Buffer
  readonly name: string
  readonly hint: string
}

const saveAsCsv = 'save or export it as CSV (UTF-8) and give that file'

/** First bytes of files that are given in place of a CSV by mistake. */
const fileKinds: readonly FileKind[] = [
  {
    magic: Buffer.of(0x1f, 0x8b),
    name: 'gzip data',
    hint: 'give a file whose name ends in .gz, or pipe it: gunzip -c FILE | …',
  },
  { magic: Buffer.from('PK\x03\x04'), name: 'a zip archive or an Excel workbook (.xlsx)', hint: saveAsCsv },
  { magic: Buffer.from('d0cf11e0a1b11ae1', 'hex'), name: 'an Excel workbook (.xls)', hint: saveAsCsv },
  { magic: Buffer.from('%PDF-'), name: 'a PDF document', hint: saveAsCsv },
  { magic: Buffer.from('28b52ffd', 'hex'), name: 'zstd data', hint: 'unpack it first: zstd -dc FILE | …' },
  { magic: Buffer.from('fd377a585a00', 'hex'), name: 'xz data', hint: 'unpack it first: xz -dc FILE | …' },
  { magic: Buffer.from('425a68', 'hex'), name: 'bzip2 data', hint: 'unpack it first: bzip2 -dc FILE | …' },
  { magic: Buffer.from('SQLite format 3\0'), name: 'a SQLite database', hint: saveAsCsv },
  { magic: Buffer.from('PAR1'), name: 'a Parquet file', hint: saveAsCsv },
]

/** After the three letters, bzip2 has a digit and a fixed pattern; a CSV may well begin with `BZh`. */
const bzip2Block = Buffer.from('314159265359', 'hex')

/**
 * Throws `UsageError` with code `NOT_A_CSV` for a file that its first bytes give away as something else.
 *
 * @param name of the input, for the message
 */
export function refuseOtherKinds(sample: Buffer, name: string): void {
  const kind = fileKinds.find(({ magic }) => sample.subarray(0, magic.length).equals(magic))
  if (kind === undefined) return
  if (kind.name === 'bzip2 data' && !sample.subarray(4, 10).equals(bzip2Block)) return
  if (kind.name === 'a Parquet file' && !sample.includes(0)) return
  throw new UsageError(`${name} is ${kind.name}, not a CSV file`, { code: 'NOT_A_CSV', hint: kind.hint })
}

/** The same for a file with NUL bytes that is in no encoding known to have them. */
export function binaryFile(name: string): UsageError {
  return new UsageError(`${name} holds NUL bytes: it seems to be a binary file, not a CSV file`, {
    code: 'NOT_A_CSV',
    hint: 'give a CSV file; where it is text all the same, name its encoding with --encoding',
  })
}
