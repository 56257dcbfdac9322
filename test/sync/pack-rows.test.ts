import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { openDatabase, type SqlValue, selectRows } from '../../src/sqlite/database.ts'
import { createTableFile } from '../../src/sqlite/table-file.ts'
import { readCell } from '../../src/sync/field-values.ts'
import { type PackedColumn, packRows } from '../../src/sync/pack-rows.ts'

const number = fc.oneof(
  fc.integer().map(String),
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.maxSafeInteger(), fc.nat(12)).map(([digits, places]) => (digits / 10 ** places).toFixed(places)),
  fc.tuple(fc.integer(), fc.integer({ min: -30, max: 30 })).map(([digits, power]) => `${digits / 100}E${power}`),
  fc.constantFrom('0', '-0', '0.10', '1.0', '-1.5', '127', '128', '-129', '32768', '2147483648', '.5', '5.', '007'),
  fc.constantFrom('9.12260031E8', '1e5', '1E+5', '1E22', '1E23', '5.E1', '1E-22', '1.5E-22', '29.66669834028996'),
)
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', '\n', '\r', ',', 'ü', '€', '😀', ' '), maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((each) => !each.includes('\0')),
  fc
    .tuple(fc.constantFrom(100, 16_300, 65_400, 200_000), fc.nat(200))
    .map(([length, more]) => 'é"'.repeat((length + more) / 3)),
)
const fields = [
  { type: 'id', required: true },
  { type: 'string', required: false },
  { type: 'textarea', required: true },
  { type: 'boolean', required: false },
  { type: 'double', required: false },
  { type: 'int', required: true },
  { type: 'datetime', required: false },
]
const cells = fc.tuple(
  fc.string({ unit: fc.constantFrom('0', 'Q', 'a'), minLength: 18, maxLength: 18 }),
  text,
  text,
  fc.constantFrom('true', 'false', ''),
  fc.oneof(number, fc.constant('')),
  fc.oneof(number, fc.constant('')),
  fc.constantFrom('2026-03-01T10:00:00.000Z', ''),
)

describe('the rows of an answer', () => {
  it('are put into pages as a statement would have inserted them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cells, fc.boolean()), { maxLength: 30 }), fc.nat(7), async (rows, left) => {
        // The answer may have its columns in another order, and may lack one.
        const order = fields.map((_, index) => (index + left) % fields.length)
        const missing = left === 7 ? -1 : left
        const columns = fields.map((field, index) => ({ field, place: index === missing ? -1 : order.indexOf(index) }))
        const csv = rows.map(([row, quoted]) => order.map((index) => quote(row[index]!, quoted)).join(',')).join('\n')
        const packed = await pack(csv, columns)
        const expected = rows.map(([row]) =>
          row.map((cell, index) => readCell(fields[index]!, index === missing ? '' : cell)),
        )
        expect(packed).toEqual(withoutSign(expected))
      }),
      { numRuns: 40 },
    )
  })
})

/** What stays text in a number's column is read by JavaScript, as a sync does. */
async function pack(csv: string, columns: readonly PackedColumn[]): Promise<SqlValue[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-pack-'))
  const path = join(folder, 'rows.db')
  try {
    const names = columns.map((_, index) => `c${index}`)
    const table = createTableFile(path, 'rows', `CREATE TABLE rows (${names.join(', ')})`)
    for await (const block of scanRecords(readBuffer(Buffer.from(csv)), { delimiter: ',' }))
      packRows(block, 0, columns, table)
    table.finish()
    const database = openDatabase(path)
    onTestFinished(() => void (database.open && database.close()))
    expect(selectRows(database, 'PRAGMA integrity_check')).toEqual([['ok']])
    const isNumber = columns.map(({ field }) => ['double', 'int'].includes(field.type))
    const rows = selectRows(database, `SELECT ${names.join(', ')} FROM rows ORDER BY rowid`).map((row) =>
      row.map((value, index) => (isNumber[index] && value !== null && value !== '' ? Number(value) : value)),
    )
    database.close()
    return withoutSign(rows)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** -0 is 0 to everybody else. */
function withoutSign(rows: readonly (readonly SqlValue[])[]): SqlValue[][] {
  return rows.map((row) => row.map((value) => (value === 0 ? 0 : value)))
}

function quote(cell: string, always: boolean): string {
  return always || /["\r\n,]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
