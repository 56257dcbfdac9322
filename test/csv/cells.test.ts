import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteCell } from '../../src/csv/cells.ts'
import { recordTrait } from '../../src/csv/records.ts'
import { scanWhole } from './parse-whole.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'ß', '"', ',', ';', '\r', '\n', ' ') })

describe('quoteCell', () => {
  it('writes text so that the same text is read back, by us and by csv-parse', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 2, maxLength: 4 }),
        fc.constantFrom(',', ';'),
        async (cells, delimiter) => {
          const line = cells.map((cell) => quoteCell(cell, delimiter)).join(delimiter)
          const [record] = await scanWhole(line, { delimiter, columns: cells.length })
          expect(record).toMatchObject({
            cells,
            fault: 'none',
            traits: expect.toSatisfy((traits: number) => (traits & recordTrait.looseQuote) === 0),
          })
          expect(parse(line, { delimiter, record_delimiter: '\n' })).toEqual([cells])
        },
      ),
    )
  })

  it('leaves alone what needs no quotes', () => {
    expect(['', 'a b', 'a;b', 'a,b', 'a"b', 'a\rb'].map((cell) => quoteCell(cell, ','))).toEqual([
      '',
      'a b',
      'a;b',
      '"a,b"',
      '"a""b"',
      '"a\rb"',
    ])
  })
})

describe('cellText', () => {
  it('gives cells as they stand where their quotes are broken', async () => {
    const [record] = await scanWhole('"a"b,"c""d",",""""x')
    expect(record).toMatchObject({ fault: 'quote', cells: ['"a"b', 'c"d', '"', '""""x'] })
  })

  it('takes the quotes off a very long cell', async () => {
    const long = '"\n,'.repeat(60_000)
    const [record] = await scanWhole(`${quoteCell(long, ',')},x`)
    expect(record?.cells[0] === long).toBe(true)
  })
})
