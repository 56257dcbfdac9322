import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSmallCsv, type SmallCsv } from '../../src/csv/read.ts'
import { formatRecords } from '../../src/csv/write.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-small-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function read(content: string | Buffer, name = 'lookup.csv'): Promise<SmallCsv> {
  await writeFile(join(folder, name), content)
  return readSmallCsv(join(folder, name))
}

describe('formatRecords and readSmallCsv', () => {
  it('are inverses, one column with empty cells included', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '"', ',', '\n', '\r', ' ') })
    const width = fc.integer({ min: 1, max: 3 })
    const table = width.chain((columns) =>
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1 }),
    )
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), async (rows, lineEnding, bom) => {
        const header = rows[0]!.map((_, index) => `Column ${index}`)
        expect(await read(formatRecords(header, rows, { lineEnding, bom }))).toEqual({ header, rows })
      }),
      { numRuns: 60 },
    )
  })
})

describe('readSmallCsv', () => {
  it('unpacks, decodes and finds the delimiter', async () => {
    const packed = gzipSync(Buffer.from('Kunde;Stadt\r\nMüller;Köln\r\n', 'latin1'))
    expect(await read(packed, 'lookup.csv.gz')).toEqual({ header: ['Kunde', 'Stadt'], rows: [['Müller', 'Köln']] })
  })

  it('takes a header alone', async () => {
    expect(await read('a,b\n')).toEqual({ header: ['a', 'b'], rows: [] })
  })

  it.each([
    ['a ragged row', 'a,b\n1,2\n3\n', 'BAD_CSV', /line 3/],
    ['an open quote', 'a,b\n1,"2\n3,4\n', 'BAD_CSV', /Quote Not Closed/],
    ['bytes that are no UTF-8', Buffer.from('a,b\n1,\xff\n', 'latin1'), 'BAD_CSV', /no utf-8/],
    ['nothing', '', 'EMPTY_FILE', /is empty/],
    ['a column twice', 'a,a\n', 'BAD_HEADER', /more than one column a/],
    ['a workbook', 'PK\x03\x04', 'NOT_A_CSV', /Excel/],
  ])('refuses %s', async (_, content, code, message) => {
    await expect(read(content)).rejects.toMatchObject({ code, exit: 'usage', message: expect.stringMatching(message) })
  })

  it('refuses a missing file and a broken gzip file', async () => {
    await expect(readSmallCsv(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(read('a,b\n', 'a.csv.gz')).rejects.toMatchObject({ code: 'BAD_GZIP' })
  })
})
