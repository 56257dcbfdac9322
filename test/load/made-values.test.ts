import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CsvSource } from '../../src/csv/records.ts'
import { openCsvSource } from '../../src/csv/source.ts'
import { formatRecords } from '../../src/csv/write.ts'
import { ComputedCells } from '../../src/load/computed-cells.ts'
import { sourceKeys } from '../../src/load/row-keys.ts'
import type { SentColumn } from '../../src/mapping/compile.ts'
import type { ComputedSource } from '../../src/mapping/mapping.ts'
import { readSource } from '../mapping/transform-cells.ts'
import { field } from './load-in-memory.ts'

const header = ['a', 'b', 'c']

const steps = [
  'trim',
  'collapse',
  'lower',
  'upper',
  'title',
  '{ prefix: "a," }',
  '{ suffix: ö }',
  '{ substring: { from: 1, length: 4 } }',
  '{ substring: { from: 9 } }',
  '{ substring: { from: 3, length: 17 } }',
  '{ substring: { from: -3, length: 2 } }',
  '{ split: { by: ".", take: 2 } }',
  '{ split: { by: " ", take: -1 } }',
  '{ split: { by: er, take: 1 } }',
  '{ replace: { text: e, by: "" } }',
  '{ replace: { text: er, by: "<er>" } }',
  '{ replace: { pattern: "[^0-9+]+" } }',
  '{ replace: { pattern: "[a-z]", by: xy } }',
  '{ replace: { pattern: "^0+" } }',
  '{ replace: { pattern: "^[a-z]", by: – } }',
  '{ replace: { pattern: "\\\\D", by: ö } }',
]

const endings = [
  'number: "1,234.56"',
  'number: de-AT',
  'date: yyyy-MM-dd',
  'date: dd.MM.yyyy',
  'date: yyyy年MM月dd',
  'date: d.M.yyyy',
  'datetime: dd.MM.yyyy HH:mm',
  'boolean: { true: [ja, "1"], false: [nein, ""] }',
  'values: { Austria: AT, United Kingdom: "G,B", "29.02.2024": "", "": none }, otherwise: keep',
  'values: { Austria: AT, ja: x, "12.5": y }, otherwise: empty',
  'default: "0"',
]

const words = [
  ...['Austria', 'United Kingdom', 'Größe', 'Łódź', 'O’Neill', 'Nguyễn', 'www.customer-1.example', '+43 (1) 555', 'ſ'],
  ...[
    '2024-02-29',
    '2023-02-29',
    '29.02.2024',
    '1.2.2024',
    '31.12.1999 23:59',
    '2024年02月29',
    '0000-01-01',
    'ja',
    'NEIN',
  ],
  ...[
    '12.5',
    '1,234.56',
    '-7',
    '.5',
    '-.5',
    '5.',
    '-',
    'a😀b😀c',
    'abcdefghijklmnopqrößtuvwxyz',
    '1.234,5',
    '007',
    '0',
    ' ',
    '  ',
    '\u00a0',
    '\u2009',
    '\u3000',
    '"',
    ',',
    '\r',
    '\n',
    '\r\n',
  ],
]
const text = fc.oneof(
  { arbitrary: fc.constantFrom(...words, '', '#N/A'), weight: 2 },
  fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((each) => each.join('')),
)

/** An entry of a mapping file: a column or several, some steps, and perhaps what reads the text. */
const entry = fc
  .tuple(
    fc.constantFrom('column: a', 'column: b', 'columns: [a, b], separator: ""', 'columns: [b, c, a], separator: " / "'),
    fc.oneof(fc.constant([]), fc.array(fc.constantFrom(...steps), { maxLength: 3 })),
    fc.constantFrom(...endings),
  )
  .map(([from, chain, ending]) => `${from}${chain.length > 0 ? `, transform: [${chain.join(', ')}]` : ''}, ${ending}`)

describe('values that are made of cells', () => {
  it('are the same made of many rows at a time or of each cell as a text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 50 }),
        async (entries, rows, times) => {
          const sources = await Promise.all(entries.map(readSource))
          await expectSame(sources, Array.from({ length: times }, () => rows).flat())
        },
      ),
      { numRuns: 150 },
    )
  }, 60_000)

  it('are the same for each step by itself', async () => {
    const single = [...steps.map((step) => `transform: [${step}]`), ...endings]
    const rows = ['', '#N/A', ...words, ...words.map((word) => `${word} ${word}`)].map((word) => [word, word, 'c'])
    for (const chain of single) await expectSame([await readSource(`column: a, ${chain}`)], rows)
  })

  it('have the same hashes as keys, however many rows are hashed at once', async () => {
    const source = await readSource('columns: [a, b], separator: "-", transform: [upper]')
    const rows = Array.from({ length: 3000 }, (_, row) => [`key ${row}`, words[row % words.length]!, 'c'])
    const input = await openInput(rows)
    const cells = computedCells([source])
    const mapping = { columns: columnsOf([source]), key: 0, files: [], notes: [] }
    const keys = await sourceKeys(mapping, { nullValue: '#N/A', emptyAsNull: false }, cells)
    for await (const block of input.records()) {
      const one = Array.from({ length: block.count }, (_, record) => Object.values(keys.key(block, record))).flat()
      expect([...keys.keysOf(block, 0, block.count)]).toEqual(one)
    }
    await input.close()
  })

  it('are joined before line ends are made alike', async () => {
    const source = await readSource('columns: [a, b], separator: ""')
    await expectSame(
      [source],
      [
        ['x\r', '\ny', ''],
        ['x\r', 'y', ''],
        ['x\n', '\ny', ''],
      ],
    )
  })

  it('are the same where they are so long that there is no room for those of many rows', async () => {
    const sources = await Promise.all(
      [
        'column: a, transform: [upper, { replace: { text: e, by: "<er>" } }, lower, { prefix: x }]',
        'columns: [a, b, a], separator: "+"',
        'column: b, transform: [{ replace: { pattern: "[a-z]", by: xyz } }, collapse]',
      ].map(readSource),
    )
    const long = (length: number) => 'Some letters and  spaces "quoted" é'.repeat(length)
    const lengths = [0, 1, 30, 1000, 3000, 1, 9000, 0, 2, 2000, 6000]
    await expectSame(
      sources,
      lengths.map((length, place) => [long(length), long(lengths.at(-place)!), 'c']),
    )
  })
})

/** Makes the values of all rows by the kernel, and without it. */
async function expectSame(sources: readonly ComputedSource[], rows: readonly (readonly string[])[]): Promise<void> {
  const input = await openInput(rows)
  const kernel = computedCells(sources)
  const alone = computedCells(sources.map(withoutKernel))
  let read = 0
  for await (const block of input.records()) {
    const records = Array.from({ length: block.count }, (_, record) => record)
    // The memory of a block holds the values of one maker at a time.
    const [values, wanted] = [kernel, alone].map((cells) =>
      records.map((record) => valuesOf(cells, cells.evaluate(block, record), sources.length)),
    )
    expect(values).toEqual(wanted)
    read += block.count
  }
  expect(read).toBe(rows.length)
  await input.close()
}

function valuesOf(cells: ComputedCells, reject: string | undefined, columns: number): readonly string[] {
  if (reject !== undefined) return [reject]
  return Array.from({ length: columns }, (_, column) => {
    const { bytes, start, end } = cells.value(column)
    return bytes.toString('utf8', start, end)
  })
}

async function openInput(rows: readonly (readonly string[])[]): Promise<CsvSource> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-made-'))
  const path = join(folder, 'c.csv')
  await writeFile(path, formatRecords(header, rows))
  return openCsvSource({ path, name: path, stdin: Readable.from([]), spoolFolder: folder, delimiter: ',' })
}

function computedCells(sources: readonly ComputedSource[]): ComputedCells {
  return new ComputedCells(columnsOf(sources), header, new Map(), { nullValue: '#N/A', key: undefined })
}

function columnsOf(sources: readonly ComputedSource[]): readonly SentColumn[] {
  return sources.map((computed, place) => ({
    target: { name: `F${place}`, type: 'string', field: field(`F${place}`), isParent: false },
    from: { computed, indexes: computed.columns.map((column) => header.indexOf(column)) },
  }))
}

/** The same steps, of which the kernel does none. */
function withoutKernel(source: ComputedSource): ComputedSource {
  const nothing = { apply: (value: string) => value, takesEmpty: true }
  return { ...source, transforms: [...source.transforms.map(({ kernel: _, ...step }) => step), nothing] }
}
