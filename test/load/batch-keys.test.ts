import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { sourceKeys } from '../../src/load/row-keys.ts'
import type { CompiledMapping } from '../../src/mapping/compile.ts'
import { field } from './load-in-memory.ts'

const types = ['string', 'double', 'boolean', 'id', 'date', 'datetime'] as const

/** Spellings that a cell of any type may have, sound and not. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    '#N/A',
    'null',
    'true',
    'FALSE',
    'True',
    '0',
    '1',
    '-0',
    '007',
    '1.50',
    '.5',
    '5.',
    '1e3',
    '1E-7',
  ),
  fc.constantFrom('2026-11-21', '2026-11-21Z', '2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000+0000', '0.000001'),
  fc.constantFrom(
    '001000000000001',
    '001000000000001AAA',
    '9.12260031E8',
    '123456789012345678',
    '1e21',
    '1e22',
    '+1',
    '0x1f',
  ),
  fc.double().map(String),
  fc.integer().map(String),
  fc.string({ unit: fc.constantFrom('a', 'ü', '€', '"', ' ', '\n', '\r', ',', '1', '.', 'e', '-'), maxLength: 40 }),
)

const cell = fc.tuple(text, fc.boolean()).map(([value, quoted]) => {
  const mustQuote = quoted || value.includes(',') || /^"|[\r\n]/.test(value)
  return mustQuote ? `"${value.replaceAll('"', '""')}"` : value
})

describe('hashes that are made of many records at once', () => {
  it('are those that are made of one record after the other, whatever the types, cells, constants and null marker', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 20 }),
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
        fc.option(fc.constantFrom(0, 1), { nil: undefined }),
        fc.constantFrom('#N/A', 'null', ''),
        async (rows, indexes, key, nullValue) => {
          const keys = await sourceKeys(mappingOf(indexes, key), { nullValue, emptyAsNull: false }, undefined)
          const csv = Buffer.from(rows.map((cells) => `${cells.join(',')},end\n`).join(''))
          for await (const block of scanRecords(readBuffer(csv), { delimiter: ',' })) {
            const one = Array.from({ length: block.count }, (_, record) =>
              Object.values(keys.key(block, record)),
            ).flat()
            expect([...keys.keysOf(block, 0, block.count)]).toEqual(one)
            const middle = block.count >> 1
            expect([...keys.keysOf(block, middle, block.count)]).toEqual(one.slice(2 * middle))
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

/** Columns of these indexes, each of the type that its index says, and a constant behind them. */
function mappingOf(indexes: readonly number[], key: number | undefined): CompiledMapping {
  const columns = indexes.map((from) => ({ target: targetOf(`Field${from}`, types[from]!), from }))
  const constant = { target: targetOf('Constant', 'string'), from: { constant: 'always "so"' } }
  return {
    columns: [...columns, constant],
    key: key === undefined ? undefined : Math.min(key, columns.length),
    files: [],
    notes: [],
  }
}

function targetOf(name: string, type: string): CompiledMapping['columns'][number]['target'] {
  return { name, type, field: field(name, type), isParent: false }
}
