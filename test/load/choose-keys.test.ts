import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { chooseKeys } from '../../src/load/choose-keys.ts'
import { sourceKeys } from '../../src/load/row-keys.ts'
import type { CompiledMapping, SentColumn } from '../../src/mapping/compile.ts'
import { field } from './load-in-memory.ts'

const column = (from: SentColumn['from'], type = 'string', unique = false): SentColumn => {
  const of = field(`Field_${String(from)}`, type, { unique })
  return { target: { name: of.name, type, field: of, isParent: false }, from }
}

/** The columns that are chosen for these rows, of which one is not sound. */
async function choose(columns: readonly SentColumn[], rows: readonly (readonly string[])[], key?: number) {
  const mapping: CompiledMapping = { columns, key, files: [], notes: [] }
  const keys = await sourceKeys(mapping, { nullValue: '#N/A', emptyAsNull: false }, undefined)
  const csv = `ragged\n${rows.map((cells) => `${cells.join(',')}\n`).join('')}`
  for await (const block of scanRecords(readBuffer(Buffer.from(csv)), { delimiter: ',', columns: rows[0]!.length })) {
    return chooseKeys(mapping, keys)!(block, 0).columns
  }
  throw new Error('no rows')
}

const numbered = (cells: (row: number) => readonly string[]) => Array.from({ length: 200 }, (_, row) => cells(row))

describe('the columns by which the rows of an insert are known', () => {
  it('tell as many of the first rows apart as all columns do', async () => {
    const cell = fc.constantFrom('', 'a', 'b', 'c', '1', '1.0')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 30, size: 'max' }),
        async (rows) => {
          const columns = [column(0), column(1, 'double'), column({ constant: 'c' }), column(2, 'textarea'), column(3)]
          const chosen = await choose(columns, rows)
          const told = (places: readonly number[]) =>
            new Set(
              rows.map((cells) =>
                places
                  .map((place) => {
                    const { from } = columns[place]!
                    const text = typeof from === 'number' ? cells[from]! : ''
                    return place === 1 && text.startsWith('1') ? '1' : text
                  })
                  .join(),
              ),
            ).size
          expect(told(chosen)).toBe(told([0, 1, 2, 3, 4]))
        },
      ),
      { numRuns: 100 },
    )
  })

  it('are one alone that the org holds to be unique, where the rows bear it out', async () => {
    const columns = [column(0), column(1, 'string', true), column(2)]
    expect(
      await choose(
        columns,
        numbered((row) => [`n${row}`, `K-${row}`, `p${row}`]),
      ),
    ).toEqual([1])
    expect(
      await choose(
        columns,
        numbered((row) => [`n${row}`, row < 50 ? `K-${row}` : '', `p${row % 2}`]),
      ),
    ).toEqual([0])
  })

  it('are otherwise one that tells the rows apart and others that would tell most of them', async () => {
    const columns = [column(0, 'double'), column(1), column(2), column(3, 'datetime'), column(4, 'email'), column(5)]
    const rows = numbered((row) => [`${row}`, `n${row}`, `${row % 3}`, '2026-11-21T00:00:00Z', `m${row}`, `c${row}`])
    expect(await choose(columns, rows)).toEqual([1, 4, 5])
    expect(
      await choose(
        columns,
        rows.map((cells) => cells.map((text, place) => (place === 4 ? '' : text))),
      ),
    ).toEqual([0, 1, 5])
  })

  it('are all of them where there are no others, and the key where there is one', async () => {
    expect(
      await choose(
        [column(0), column({ constant: 'x' })],
        numbered(() => ['']),
      ),
    ).toEqual([0])
    expect(
      await choose(
        [column({ constant: 'x' })],
        numbered(() => ['', '']),
      ),
    ).toEqual([0])
    expect(
      await choose(
        [column(0), column(1)],
        numbered((row) => [`n${row}`, '']),
        1,
      ),
    ).toEqual([1])
  })
})
