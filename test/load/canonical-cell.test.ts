import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { ByteWriter } from '../../src/load/byte-writer.ts'
import { writeCanonical } from '../../src/load/canonical-cell.ts'

async function canonicalNumber(text: string): Promise<string> {
  const out = new ByteWriter(16)
  for await (const block of scanRecords(readBuffer(Buffer.from(`${text}\n`)), { delimiter: ',' })) {
    writeCanonical(block, 0, 'number', out)
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
      const canonical = await Promise.all(sound.map(canonicalNumber))
      expect(new Set(canonical)).toEqual(new Set([String(Number(text))]))
    }),
  )
})
