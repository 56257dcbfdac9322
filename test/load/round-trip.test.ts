import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { echoingService } from './echoing-service.ts'
import { loadInMemory } from './load-in-memory.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', '"', ',', ';', '\t', '|', '\n', '\r', ' ', '#', '€', '\u{1f600}'),
    maxLength: 12,
  }),
  fc.constantFrom('', '#N/A', ' padded ', '=1+1', '\ufeff', '"', '""', '\r\n', '\u0000', '\u2028'),
)

/** A file of three columns, of which the last one is not sent. */
const file = fc.record({
  rows: fc.array(fc.tuple(fc.tuple(text, text, text), fc.boolean()), { minLength: 1, maxLength: 25 }),
  delimiter: fc.constantFrom(',', ';', '\t', '|', '^', '`'),
  lineEnding: fc.constantFrom('\n', '\r\n'),
  bom: fc.boolean(),
  endsWithLine: fc.boolean(),
  maxRows: fc.integer({ min: 1, max: 9 }),
  maxBytes: fc.integer({ min: 40, max: 900 }),
})
type File = typeof file extends fc.Arbitrary<infer Value> ? Value : never

function spell({ rows, delimiter, lineEnding, bom, endsWithLine }: File): string {
  const cell = (value: string, quoted: boolean) => {
    const mustQuote = /["\r\n]/.test(value) || value.includes(delimiter)
    return quoted || mustQuote ? `"${value.replaceAll('"', '""')}"` : value
  }
  const lines = [
    ['Name', 'Note__c', 'Comment'].join(delimiter),
    ...rows.map(([cells, quoted]) => cells.map((value) => cell(value, quoted)).join(delimiter)),
  ]
  return `${bom ? '\ufeff' : ''}${lines.join(lineEnding)}${endsWithLine ? lineEnding : ''}`
}

/** Line on which each row begins: a CR, an LF and a CRLF are one line each. */
function linesOf({ rows }: File): readonly number[] {
  let line = 2
  return rows.map(([cells]) => {
    const begin = line
    line += 1 + cells.reduce((sum, value) => sum + (value.match(/\r\n|\r|\n/g)?.length ?? 0), 0)
    return begin
  })
}

it('two files of results are the input, cell for cell and in order, whatever its cells, dialect and cuts are', async () => {
  await fc.assert(
    fc.asyncProperty(file, async (given) => {
      const service = echoingService({
        maxRows: given.maxRows,
        maxBytes: given.maxBytes,
        shuffle: (place) => (place * 7) % 5,
        decide: ({ Name = '', Note__c = '' }) => {
          const isGood = (Name.length + Note__c.length) % 3 !== 0
          return {
            verdict: isGood ? 'accepted' : 'rejected',
            id: isGood ? 'a00x00000000001AAA' : '',
            created: true,
            error: isGood ? '' : 'X:"y", z:--',
          }
        },
      })
      const { delimiter, lineEnding } = given
      const loaded = await loadInMemory(spell(given), { operation: 'insert', delimiter, encoding: 'utf-8' }, service)
      const read = (csv: string | undefined) =>
        csv === undefined
          ? []
          : (parse(csv, { bom: true, delimiter, record_delimiter: lineEnding, from_line: 1 }) as string[][]).slice(1)
      const errors = new Map(read(loaded.errorsText).map((cells) => [Number(cells[3]), cells]))
      const success = read(loaded.successText)
      const back = linesOf(given).map((line) => (errors.get(line) ?? success.shift())?.slice(0, 3))
      expect(back).toEqual(given.rows.map(([cells]) => cells))
      expect(success).toEqual([])
      const { read: count, accepted, rejected, unknown } = loaded.account.rows
      expect([count, accepted + rejected + unknown]).toEqual([given.rows.length, given.rows.length])
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 60) },
  )
})
