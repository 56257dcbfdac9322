import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import type { RecordBlock, SourcePosition } from '../../src/csv/records.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { KeyLog, RowPlaces } from '../../src/load/row-log.ts'

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
          const places = new RowPlaces()
          for (const each of scanned) places.add(each.offset, each.line)
          const bytes = text.subarray(scanned[0]!.offset - offset, to.offset - offset)
          const start = { offset: scanned[0]!.offset, line: 2 }
          expect(await collect(places.blocks(readBuffer(bytes), start, to, blockBytes))).toEqual(scanned)
        },
      ),
    )
  })

  it('are of no use when a row is too long to be noted, or has too many lines', () => {
    const isUsable = (offset: number, line: number): boolean => {
      const places = new RowPlaces()
      places.add(100, 2)
      places.add(offset, line)
      return places.usable
    }
    expect([isUsable(100 + 0xffff, 2 + 0xff), isUsable(101 + 0xffff, 3), isUsable(110, 258)]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('say so when the input has become shorter', async () => {
    const places = new RowPlaces()
    places.add(0, 1)
    places.add(4, 2)
    const blocks = places.blocks(readBuffer(Buffer.from('abc\nde')), { offset: 0, line: 1 }, { offset: 9, line: 2 })
    await expect(collect(blocks)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })
})

describe('the keys of rows', () => {
  it('are found by the number of the row, beyond any size of list', () => {
    const keys = new KeyLog()
    for (let number = 0; number < 40_000; number++) keys.add({ low: number, high: 2 ** 32 - 1 - number })
    const found = [0, 16_383, 16_384, 39_999].map((number) => ({ ...keys.get(number) }))
    expect(found).toEqual([0, 16_383, 16_384, 39_999].map((low) => ({ low, high: 2 ** 32 - 1 - low })))
  })
})
