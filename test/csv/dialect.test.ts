import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteCell } from '../../src/csv/cells.ts'
import { delimiters, detectDialect } from '../../src/csv/dialect.ts'
import type { Dialect } from '../../src/csv/records.ts'

function detect(text: string, told?: string): Dialect {
  return detectDialect(Buffer.from(text), true, { name: 'utf-8', bomBytes: 0 }, told)
}

const all = Object.values(delimiters)

describe('detectDialect', () => {
  it('finds the delimiter of tables whose cells hold the others', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', '\n', ...all), maxLength: 8 })
    const name = fc.stringMatching(/^[A-Za-z]{1,8}$/)
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc
          .array(name, { minLength: 2, maxLength: 6 })
          .chain((header) =>
            fc.tuple(
              fc.constant(header),
              fc.array(fc.array(cell, { minLength: header.length, maxLength: header.length }), { maxLength: 20 }),
            ),
          ),
        fc.constantFrom('\n', '\r\n', '\r'),
        (delimiter, [header, rows], lineEnding) => {
          const lines = [header, ...rows].map((cells) =>
            cells.map((text) => quoteCell(text, delimiter)).join(delimiter),
          )
          expect(detect(lines.join(lineEnding) + lineEnding)).toEqual({
            delimiter,
            lineEnding,
            bom: false,
            encoding: 'utf-8',
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each([
    ['decimal commas', 'Name;Price\nTea;1,50\nMilk;2,20\n', ';'],
    ['a header with another delimiter in quotes', '"a;b;c","d"\n1,2\n', ','],
    ['a header with another delimiter in a name', 'Id,Name; first; last,City\n1,Jo,Wien\n2,Ann,Graz\n', ','],
    ['some ragged rows', 'a|b|c\n1|2|3\n4|5\n6|7|8\n9|10|11\n', '|'],
    ['a header alone', 'a\tb\tc', '\t'],
    ['one column', 'Id\n001\n002\n', ','],
    ['one column with commas in quotes', 'Name\n"a,b"\n"c,d"\n', ','],
    ['nothing but a line end', '\n', ','],
  ])('considers %s', (_, text, delimiter) => {
    expect(detect(text).delimiter).toBe(delimiter)
  })

  it('takes the delimiter that it is told', () => {
    expect(detect('a,b\n', ';').delimiter).toBe(';')
    expect(() => detect('a,b\n', ':')).toThrow('unknown delimiter: ":"')
  })

  it('takes the line end of the header, not one inside quotes', () => {
    expect(detect('a,"b\nc"\r\n1,2\n').lineEnding).toBe('\r\n')
    expect(detect('a,b\r1,2\n').lineEnding).toBe('\r')
    expect(detect('a,b').lineEnding).toBe('\n')
    expect(detect('\r\na,b\n').lineEnding).toBe('\n')
  })

  it('looks behind a header of more than 64 KiB', () => {
    const header = Array.from({ length: 6000 }, (_, column) => `Column number ${column}`).join('\t')
    expect(detect(`${header}\r\n1\r\n`)).toMatchObject({ delimiter: '\t', lineEnding: '\r\n' })
  })
})
