import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyPrefixes } from '../../src/check/key-prefixes.ts'
import { compileRowCheck } from '../../src/check/row-check.ts'
import type { RecordTable } from '../../src/csv/record-table.ts'
import { openCsvSource } from '../../src/csv/source.ts'
import { ByteWriter } from '../../src/load/byte-writer.ts'
import { RowEncoder } from '../../src/load/encode-row.ts'
import { sourceKeys } from '../../src/load/row-keys.ts'
import { type CompiledMapping, compileMapping } from '../../src/mapping/compile.ts'
import type { FieldSource } from '../../src/mapping/mapping.ts'
import { operations } from '../../src/operations.ts'
import { describedObject } from '../check/corpus.ts'
import { readSource } from '../mapping/transform-cells.ts'

const contact = describedObject('Contact')
const header = ['a', 'b', 'c', 'd']
const fields = ['LastName', 'Birthdate', 'HasOptedOutOfEmail', 'Phone', 'Description', 'Level__c', 'Email']

const entries = [
  'column: a, transform: [trim, upper]',
  'columns: [a, b], separator: ", "',
  'columns: [b, a, b], separator: "", transform: [lower]',
  'column: c, number: "1.234,56"',
  'column: d, date: dd.MM.yyyy',
  'column: b, boolean: { true: [ja, "1"], false: [nein, ""] }',
  'column: a, transform: [{ replace: { pattern: "[^0-9]+" } }], default: "0"',
  'column: c, transform: [{ hash: sha1 }]',
  'column: d, values: { ja: "a,b", nein: "" }, otherwise: keep',
  'column: b, default: none',
]

const text = fc.oneof(
  fc.constantFrom('', ' ', 'ja', 'nein', '1', '#N/A', 'none', '1.234,56', '24.12.1990', '29.02.2024', '1.5', 'true'),
  fc.string({ unit: fc.constantFrom(...' ,;"\'aÄßZ09.\n\r–😀'.split('')), maxLength: 20 }),
)

describe('rows that are encoded many at a time', () => {
  it('are the bytes that each gives by itself, whatever the mapping, the dialect and what stands for null', async () => {
    const made = await Promise.all(entries.map((entry) => readSource(entry)))
    const source: fc.Arbitrary<FieldSource> = fc.oneof(
      fc.constantFrom(...made),
      fc.constantFrom(...header).map((column) => ({ kind: 'column' as const, column })),
      fc.constantFrom('x', 'a,"b"', '').map((value) => ({ kind: 'constant' as const, value })),
    )
    const folder = await mkdtemp(join(tmpdir(), 'sfbulk-encode-'))
    const path = join(folder, 'c.csv')
    await fc.assert(
      fc.asyncProperty(
        fc.array(source, { minLength: 1, maxLength: fields.length }),
        fc.array(fc.tuple(text, text, text, text), { minLength: 1, maxLength: 12 }),
        fc.record({ nullValue: fc.constantFrom('#N/A', 'none'), emptyAsNull: fc.boolean() }),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('update' as const, 'insert' as const),
        async (sources, rows, nulls, delimiter, name) => {
          const isUpdate = name === 'update'
          const named = sources.map((each, place) => ({ field: fields[place]!, source: each, origin: 'm.yaml:1' }))
          const id = { field: 'Id', source: sources[0]!, origin: 'm.yaml:1' }
          const mapping = compileMapping(
            { object: undefined, entries: isUpdate ? [id, ...named] : named, ignore: [] },
            { header, object: contact, operation: operations[name], externalId: undefined },
          )
          const csv = [header, ...rows].map((cells) => `${cells.map(quote).join(delimiter)}\n`).join('')
          await writeFile(path, csv)
          const input = await openCsvSource({
            path,
            name: path,
            stdin: Readable.from([]),
            spoolFolder: folder,
            delimiter,
          })
          const check = compileRowCheck({
            mapping,
            object: contact,
            operation: operations[name],
            nulls,
            prefixes: keyPrefixes([contact]),
          })
          const kernel = new RowEncoder(mapping, input, nulls, isUpdate)
          const alone = new RowEncoder(withoutKernel(mapping), input, nulls, isUpdate)
          const keys = await sourceKeys(mapping, nulls, kernel.computed)
          const keysAlone = await sourceKeys(withoutKernel(mapping), nulls, alone.computed)
          for await (const table of input.records()) {
            const passing = kernel.countPassing(table, 0)
            const checked = check.countPassing?.(table, 0, passing) ?? 0
            for (let first = 0; first < table.count; first++) {
              const many = encodeMany(kernel, table, first)
              const hashes = [...keys.keysOf(table, first, table.count)]
              const one = encodeAlone(alone, table, first, many.rows)
              expect(many.bytes).toEqual(one)
              for (let record = first; record < table.count; record++) {
                if (alone.hold(table, record) !== undefined) continue
                const { low, high } = keysAlone.key(table, record)
                expect(hashes.slice(2 * (record - first), 2 * (record - first) + 2)).toEqual([low, high])
              }
              if (first < checked) {
                alone.hold(table, first)
                expect(check.find(table, first, alone.computed)).toBe(undefined)
              }
            }
          }
          await input.close()
        },
      ),
      { numRuns: 150 },
    )
    await rm(folder, { recursive: true })
  }, 60_000)
})

function encodeMany(encoder: RowEncoder, table: RecordTable, first: number) {
  const out = new ByteWriter(1 << 16)
  const { rows } = encoder.encodeMany(table, first, out, { enough: 1 << 16, bytes: 1 << 20, rows: 1000 })
  return { rows, bytes: out.view().toString() }
}

function encodeAlone(encoder: RowEncoder, table: RecordTable, first: number, rows: number): string {
  const out = new ByteWriter(1 << 16)
  for (let record = first; record < first + rows; record++) {
    expect(encoder.hold(table, record)).toBe(undefined)
    encoder.encode(table, record, out)
  }
  return out.view().toString()
}

/** The same mapping, of whose transforms the kernel does none. */
function withoutKernel(mapping: CompiledMapping): CompiledMapping {
  const columns = mapping.columns.map((column) => {
    const { from } = column
    if (typeof from === 'number' || 'constant' in from) return column
    const nothing = { apply: (value: string) => value, takesEmpty: true }
    const transforms = [...from.computed.transforms.map(({ kernel: _, ...step }) => step), nothing]
    return { ...column, from: { ...from, computed: { ...from.computed, transforms } } }
  })
  return { ...mapping, columns }
}

function quote(cell: string): string {
  return /^"|[\r\n,;\t]/.test(cell) || cell.length % 3 === 1 ? `"${cell.replaceAll('"', '""')}"` : cell
}
