import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readChunks } from '../../src/csv/byte-readers.ts'
import { recordFault, recordTrait } from '../../src/csv/records.ts'
import { type ScanOptions, scanRecords } from '../../src/csv/scan.ts'
import { type ReferenceRecord, scanByReference } from './reference-scan.ts'

// The kernel looks at 64 bytes at a time, so cells are made that reach into the next word, over it, or up to its border.
const length = fc.oneof(
  { arbitrary: fc.nat(9), weight: 6 },
  { arbitrary: fc.integer({ min: 50, max: 70 }), weight: 1 },
  { arbitrary: fc.integer({ min: 120, max: 200 }), weight: 1 },
)
const unquoted = length.map((count) => 'x'.repeat(count))
const inner = fc.oneof(unquoted, fc.constantFrom('""', '""""', '\n', '\r', '\r\n', ',', ';', '\t', '",""\n""'))
const quoted = fc.array(inner, { maxLength: 5 }).map((parts) => `"${parts.join('').replaceAll('",""', '"",""')}"`)
const broken = fc.constantFrom('5" pipe', '"open', '"closed" early', 'x"', '"""', '"', '"a"b"', ' "spaced"')

function rowsOf(cell: fc.Arbitrary<string>, delimiter: string): fc.Arbitrary<string> {
  const row = fc.tuple(
    fc.array(cell, { minLength: 1, maxLength: 6 }).map((cells) => cells.join(delimiter)),
    fc.constantFrom('\n', '\r\n', '\r', '\n', '\r\n', '\n\n', '\r\n\r\n', '\r\r\n', '\n'.repeat(70)),
  )
  const rows = fc.array(row, { maxLength: 20 }).map((made) => made.flat().join(''))
  return fc.tuple(rows, fc.option(cell, { nil: '' })).map(([text, last]) => text + last)
}

function textOf(delimiter: string): fc.Arbitrary<string> {
  const sound = fc.oneof(unquoted, quoted)
  const few = fc.oneof({ arbitrary: sound, weight: 30 }, { arbitrary: broken, weight: 1 })
  const loose = fc.constantFrom('"', '""', '"', delimiter, `"${delimiter}"`, '\n', '\r', '\r\n', 'a', 'x'.repeat(40))
  return fc.oneof(
    rowsOf(sound, delimiter),
    rowsOf(quoted, delimiter),
    rowsOf(few, delimiter),
    rowsOf(fc.oneof(sound, broken), delimiter),
    fc.array(loose, { maxLength: 120 }).map((parts) => parts.join('')),
  )
}

const scanned = fc.constantFrom(',', ';', '\t').chain((delimiter) =>
  fc.record({
    delimiter: fc.constant(delimiter),
    text: textOf(delimiter),
    columns: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    maxRecordBytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(2 ** 21)),
    blockBytes: fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constantFrom(63, 64, 65, 128, 2 ** 19)),
    pieceBytes: fc.integer({ min: 1, max: 400 }),
  }),
)

describe('scanRecords', () => {
  it('finds the records, cells, lines, traits and faults that a reading of every byte finds', async () => {
    await fc.assert(
      fc.asyncProperty(scanned, async ({ text, pieceBytes, ...rules }) => {
        expect(await scanInPieces(text, pieceBytes, rules)).toEqual(scanByReference(text, rules))
      }),
      { numRuns: 3000 },
    )
  })

  it('finds sound rows between many that are not', async () => {
    const rules = { delimiter: ',', columns: 2, maxRecordBytes: 2 ** 21 }
    const text = [
      '5" pipe,1\n'.repeat(100),
      '"1","a ""b""\r\nc"\n'.repeat(100),
      '"open,1\n',
      '"2","b"\n'.repeat(9),
    ].join('')
    expect(await scanInPieces(text, 1000, rules)).toEqual(scanByReference(text, rules))
  })

  it('counts the lines of a row that begins within a record that was given up', async () => {
    const text = '"aaaa\nb","c\r\nd","e","ffff"\ng\n'
    const records = await scanInPieces(text, 100, { delimiter: ',', maxRecordBytes: 20 })
    expect(records.map(({ line, fault, traits }) => [line, fault, traits])).toEqual([
      [1, recordFault.quote, recordTrait.looseQuote],
      [2, recordFault.none, recordTrait.quoted | recordTrait.looseQuote | recordTrait.carriageReturn],
      [4, recordFault.none, 0],
    ])
  })
})

async function scanInPieces(text: string, pieceBytes: number, options: ScanOptions): Promise<ReferenceRecord[]> {
  const records: ReferenceRecord[] = []
  for await (const block of scanRecords(readChunks(pieces(text, pieceBytes)), options)) {
    const place = (at: number | undefined) => block.offset + (at ?? Number.NaN)
    for (let record = 0; record < block.count; record++) {
      const cells: [number, number][] = []
      for (let cell = block.firstCell[record]!; cell < block.firstCell[record + 1]!; cell++) {
        cells.push([place(block.cellStart[cell]), place(block.cellEnd[cell])])
      }
      records.push({
        from: place(block.recordStart[record]),
        to: place(block.recordEnd[record]),
        line: block.line[record]!,
        fault: block.fault[record]!,
        traits: block.traits[record]!,
        cells,
      })
    }
  }
  return records
}

async function* pieces(text: string, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += pieceBytes) yield Buffer.from(text.slice(at, at + pieceBytes))
}
