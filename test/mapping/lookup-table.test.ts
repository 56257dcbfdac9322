import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCsvSource } from '../../src/csv/source.ts'
import { formatRecords } from '../../src/csv/write.ts'
import { type LookupTable, readLookupTable } from '../../src/mapping/lookup-table.ts'

async function openTable(content: string | Buffer, name = 't.csv'): Promise<LookupTable> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-lookup-'))
  const path = join(folder, name)
  await writeFile(path, content)
  const source = await openCsvSource({ path, name, stdin: Readable.from([]), spoolFolder: folder })
  try {
    return await readLookupTable(source, { match: 'Key', take: 'Value' }, name)
  } finally {
    await source.close()
  }
}

function look(table: LookupTable, key: string): { readonly value: string; readonly isAmbiguous: boolean } | undefined {
  const bytes = Buffer.from(`<${key}>`)
  const entry = table.find(bytes, 1, bytes.length - 1)
  if (entry < 0) return undefined
  const { bytes: found, start, end } = table.value(entry)
  return { value: found.toString('utf8', start, end), isAmbiguous: table.isAmbiguous(entry) }
}

describe('a table of keys and values', () => {
  it('finds what a map finds, the first of several values, and tells that there are others', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ü', '"', ',', ' ', '\n'), maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { maxLength: 60 }), fc.array(text), async (rows, others) => {
        const cells = rows.map(([key, value]) => [key, 'x', value])
        const table = await openTable(formatRecords(['Key', 'Between', 'Value'], cells))
        const expected = new Map<string, { value: string; isAmbiguous: boolean }>()
        for (const [key, value] of rows) {
          if (key === '' || value === '') continue
          const known = expected.get(key)
          if (!known) expected.set(key, { value, isAmbiguous: false })
          else if (known.value !== value) known.isAmbiguous = true
        }
        for (const key of [...rows.map(([each]) => each), ...others])
          expect(look(table, key)).toEqual(expected.get(key))
      }),
      { numRuns: 60 },
    )
  })

  it('holds a hundred thousand keys of a packed file', async () => {
    const lines = Array.from({ length: 100_000 }, (_, row) => `K-${row},V-${row % 7}`)
    const table = await openTable(gzipSync(`Key,Value\n${lines.join('\n')}\n`), 't.csv.gz')
    const found = lines.map((line) => look(table, line.split(',')[0]!)?.value)
    expect(found.join()).toBe(lines.map((line) => line.split(',')[1]).join())
    expect(look(table, 'K-100000')).toBeUndefined()
  })

  it('is refused for a column that is not there and for a row that is no CSV', async () => {
    await expect(openTable('Kee,Value\na,b\n')).rejects.toThrow('t.csv has no column "Key" (did you mean Kee?)')
    await expect(openTable('Key,Value\na,b\nc\n')).rejects.toThrow(
      't.csv:3: this row is no sound CSV: its number of cells, 1, is not that of the header',
    )
    await expect(openTable(`Key,Value\na,b\n,c\nd,${'x'.repeat(65_536)}\n`)).rejects.toThrow('t.csv:4: a key or value')
    await expect(openTable('Key,Value\n"a,b\n')).rejects.toThrow('t.csv:2: this row is no sound CSV: a quote is opened')
    await expect(openTable(Buffer.from('Key,Value\na,\xe9\n', 'latin1'))).rejects.toThrow('save the file as UTF-8')
  })
})
