import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formulaEscaper } from '../../src/extract/escape-formulas.ts'
import { run } from '../support/run.ts'

const cell = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('=1+1', '+43 1 5', '-5', '@x', '\tx', '\rx', '', '"=1"', 'a\n=b', 'a,=b'),
)
const line = (cells: readonly string[], quoted: boolean) =>
  cells.map((text) => (quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')

it('puts an apostrophe before cells that begin a formula and changes nothing else, wherever the blocks are cut', () => {
  const rows = fc.array(fc.tuple(fc.array(cell, { minLength: 2, maxLength: 2 }), fc.boolean()), { minLength: 1 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 9 }), (given, size) => {
      const csv = Buffer.from(`a,b\n${given.map(([cells, quoted]) => `${line(cells, quoted)}\n`).join('')}`)
      const change = formulaEscaper()
      const blocks: Buffer[] = []
      for (let from = 0; from < csv.length; from += size)
        blocks.push(Buffer.from(change(csv.subarray(from, from + size))))
      const back = parse(Buffer.concat(blocks), { from_line: 2, record_delimiter: '\n' }) as string[][]
      expect(back).toEqual(given.map(([cells]) => cells.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text))))
    }),
  )
})

it('is what query --csv-safe does', async () => {
  const { cwd } = await run('insert Account a.csv -o local -q', {
    files: { 'a.csv': 'Name,Site,AnnualRevenue\n"=HYPERLINK(""x"")",plain,5\n' },
  })
  const query = 'query "SELECT Name, Site, AnnualRevenue FROM Account" -o local -q'
  expect((await run(query, { cwd })).stdout).toContain('\n"=HYPERLINK(""x"")","plain","5')
  expect((await run(`${query} --csv-safe`, { cwd })).stdout).toContain('\n"\'=HYPERLINK(""x"")","plain","5')
  expect((await run(`${query} --csv-safe --format jsonl`, { cwd })).code).toBe(2)
})
