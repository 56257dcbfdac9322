import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import type { RecordBlock, SourcePosition } from '../../src/csv/records.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { PageFile } from '../../src/load/page-file.ts'
import { RowPlaces } from '../../src/load/row-log.ts'

interface Row {
  readonly text: string
  readonly offset: number
  readonly line: number
}

async function collect(blocks: AsyncIterable<RecordBlock>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const { bytes, count, recordStart, recordEnd, line, offset } of blocks) {
    for (let record = 0; record < count; record++) {
      const text = bytes.toString('utf8', recordStart[record], recordEnd[record])
      rows.push({ text, offset: offset + recordStart[record]!, line: line[record]! })
    }
  }
  return rows
}

function placesOf(rows: readonly Pick<Row, 'offset' | 'line'>[]): RowPlaces {
  const places = new RowPlaces(new PageFile(undefined))
  for (const { offset, line } of rows) {
    places.add({ offset, recordStart: Int32Array.of(0), line: Float64Array.of(line) }, 0, 1)
  }
  return places
}

const row = fc.stringMatching(/^(x+|"(a|""|\r?\n)*")(,(y*|"[\n,z]*"))*$/)
const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\r\n')

describe('the places of rows', () => {
  it('give the same rows, places and lines as a scan, whatever the size of the blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(row, lineEnd), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom(0, 17, 2 ** 32 - 5, 2 ** 40),
        async (rows, blockBytes, offset) => {
          const text = Buffer.from(rows.map(([cells, end]) => cells + end).join(''))
          const from: SourcePosition = { offset, line: 2 }
          const scanned = await collect(scanRecords(readBuffer(text), { ...from, delimiter: ',' }))
          const last = scanned.at(-1)!
          const to = { offset: last.offset + Buffer.byteLength(last.text), line: last.line }
          const places = placesOf(scanned)
          const bytes = text.subarray(scanned[0]!.offset - offset, to.offset - offset)
          const start = { offset: scanned[0]!.offset, line: 2 }
          expect(await collect(places.blocks(readBuffer(bytes), start, to, blockBytes))).toEqual(scanned)
        },
      ),
    )
  })

  it('are the same for a part of many rows, which are noted in pages, and as often as they are read', async () => {
    const text = Buffer.from(Array.from({ length: 60_000 }, (_, number) => `${number},"a\n"\r\n`).join(''))
    const scanned = await collect(scanRecords(readBuffer(text), { delimiter: ',' }))
    const places = placesOf(scanned)
    const to = { offset: text.length, line: scanned.at(-1)!.line }
    const readAgain = () => collect(places.blocks(readBuffer(text), { offset: 0, line: 1 }, to))
    expect(await readAgain()).toEqual(scanned)
    expect(await readAgain()).toEqual(scanned)
  })

  it('are of no use when a row is too long to be noted, or has too many lines', () => {
    const isUsable = (offset: number, line: number): boolean =>
      placesOf([
        { offset: 100, line: 2 },
        { offset, line },
      ]).usable
    expect([isUsable(100 + 0xffff, 2 + 0xff), isUsable(101 + 0xffff, 3), isUsable(110, 258)]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('say so when the input has become shorter', async () => {
    const places = placesOf([
      { offset: 0, line: 1 },
      { offset: 4, line: 2 },
    ])
    const blocks = places.blocks(readBuffer(Buffer.from('abc\nde')), { offset: 0, line: 1 }, { offset: 9, line: 2 })
    await expect(collect(blocks)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })
})
