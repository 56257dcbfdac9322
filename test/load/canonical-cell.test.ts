import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { ByteWriter } from '../../src/load/byte-writer.ts'
import { type Comparison, writeCanonical } from '../../src/load/canonical-cell.ts'

const canonicalNumber = (text: string): Promise<string> => canonical(text, 'number')

async function canonical(text: string, comparison: Comparison): Promise<string> {
  const out = new ByteWriter(16)
  for await (const block of scanRecords(readBuffer(Buffer.from(`${text}\n`)), { delimiter: ',' })) {
    writeCanonical(block, 0, comparison, out)
  }
  return out.view().toString()
}

const spelling = fc.oneof(
  fc.stringMatching(/^-?[0-9]{1,17}(\.[0-9]{0,17})?$/),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map((cents) => (cents / 100).toFixed(2)),
)

it('has one spelling for a number, with or without exponent, with zeros too many, in quotes', async () => {
  await fc.assert(
    fc.asyncProperty(spelling, async (text) => {
      const exponent = Number(text).toExponential().replace('e+', 'E').replace('e', 'E')
      const spellings = [
        text,
        exponent,
        `"${text}"`,
        text.includes('.') && !/e/.test(text) ? `${text}0` : text,
        `0${text}`,
      ]
      const sound = spellings.filter((each) => !each.startsWith('0-'))
      const found = await Promise.all(sound.map(canonicalNumber))
      expect(new Set(found)).toEqual(new Set([String(Number(text))]))
    }),
  )
})

it('has one spelling for a boolean and for a date', async () => {
  const booleans = ['true', 'TRUE', '1', '"True"', 'false', 'False', '0', '"false"']
  expect(await Promise.all(booleans.map((text) => canonical(text, 'boolean')))).toEqual([
    ...Array(4).fill('true'),
    ...Array(4).fill('false'),
  ])
  const midnight = '2026-11-21T00:00:00.000Z'
  const dates = ['2026-11-21', '2026-11-21Z', '" 2026-11-21 "', midnight, '2026/11/21', '21.11.2026']
  expect(await Promise.all(dates.map((text) => canonical(text, 'date')))).toEqual([
    ...Array(4).fill('2026-11-21'),
    '2026/11/21',
    '21.11.2026',
  ])
})

it('has one spelling for a time of day, and one order for the values of a multi-select picklist', async () => {
  const times = ['12:30:00.000Z', '12:30:00Z', '12:30', '"12:30:00.0"', '12:30:00.001Z', 'noon']
  expect(await Promise.all(times.map((text) => canonical(text, 'time')))).toEqual([
    ...Array(4).fill('12:30:00.000'),
    '12:30:00.001',
    'noon',
  ])
  const sets = ['A;B;C', 'C;A;B', '"B;C;A"', 'A;B', '']
  expect(await Promise.all(sets.map((text) => canonical(text, 'set')))).toEqual([...Array(3).fill('A;B;C'), 'A;B', ''])
})
