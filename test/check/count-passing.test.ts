import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyPrefixes } from '../../src/check/key-prefixes.ts'
import { compileRowCheck } from '../../src/check/row-check.ts'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'

import { compileMapping } from '../../src/mapping/compile.ts'
import { noMapping } from '../../src/mapping/mapping.ts'
import { operations } from '../../src/operations.ts'
import { describedObject } from './corpus.ts'

const account = describedObject('Account')
const fields = account.fields.filter(({ createable, type }) => createable && !['address', 'location'].includes(type))

const value = fc.oneof(
  fc.constantFrom(
    'Acme',
    '',
    '',
    '#N/A',
    'none',
    ' ',
    'x'.repeat(300),
    'true',
    'TRUE',
    '0',
    '17',
    '-1',
    '1.5',
    '1e9',
    '.5',
  ),
  fc.constantFrom('1234567890', '99999999999999.99', '2026-11-21', '2026-02-30', '1600-01-01', '2026-11-21T10:00:00Z'),
  fc.constantFrom('a@b.example', 'a@b', '001000000000001', '001000000000001AAA', 'Hot', 'Other', 'é"', '1\n2'),
)
const cell = fc.tuple(value, fc.boolean()).map(([text, quoted]) => {
  return quoted || /^"|[\r\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
})

describe('rows that are found to pass many at a time', () => {
  it('are rows that pass one by one, whatever the field, the operation and what stands for null', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...fields), { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
        fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom('insert' as const, 'update' as const),
        fc.record({ nullValue: fc.constantFrom('#N/A', 'none'), emptyAsNull: fc.boolean() }),
        async (chosen, rows, name, nulls) => {
          const key = name === 'update' ? 'Id' : 'Name'
          const header = [...new Set([key, ...chosen.map((field) => field.name)])]
          const operation = operations[name]
          const mapping = compileMapping(noMapping, { header, object: account, operation, externalId: undefined })
          const prefixes = keyPrefixes([account])
          const { find, countPassing } = compileRowCheck({ mapping, object: account, operation, nulls, prefixes })
          const csv = rows.map((cells) => `${cells.slice(0, header.length).join(',')}\n`).join('')
          const options = { delimiter: ',', columns: header.length }
          for await (const block of scanRecords(readBuffer(Buffer.from(csv)), options)) {
            const passing = countPassing?.(block, 0, block.count) ?? 0
            const errors = Array.from({ length: passing }, (_, record) => find(block, record, undefined))
            expect(errors.filter((error) => error !== undefined)).toEqual([])
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
