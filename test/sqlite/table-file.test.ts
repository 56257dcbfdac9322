import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDatabase, type SqlValue, selectRows } from '../../src/sqlite/database.ts'
import { createTableFile } from '../../src/sqlite/table-file.ts'

const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !text.includes('\0')),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
)
/** Around the lengths at which a row needs pages of its own, one, two, three. */
const long = fc
  .tuple(fc.constantFrom(65_400, 65_532, 131_000, 131_064, 196_600), fc.integer({ min: -150, max: 150 }))
  .map(([length, more]) => 'x'.repeat(length + more))

describe('a table that is written without SQLite', () => {
  it('is a sound database with the same rows, however long they are', () => {
    const folder = freshFolder()
    let files = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value, fc.oneof({ weight: 4, arbitrary: value }, long)), { maxLength: 6 }),
        (rows) => {
          const path = join(folder, `${++files}.db`)
          const file = createTableFile(path, 'rows', 'CREATE TABLE rows (a, b, c)')
          for (const row of rows) file.addRow(row)
          file.finish()
          expect(readBack(path)).toEqual(rows)
          rmSync(path)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('may be empty', () => {
    const path = join(freshFolder(), 'rows.db')
    createTableFile(path, 'rows', 'CREATE TABLE rows (a)').finish()
    expect(readBack(path)).toEqual([])
  })
})

function readBack(path: string): SqlValue[][] {
  const database = openDatabase(path)
  try {
    expect(selectRows(database, 'PRAGMA integrity_check')).toEqual([['ok']])
    return selectRows(database, 'SELECT * FROM rows ORDER BY rowid')
  } finally {
    database.close()
  }
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-table-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
