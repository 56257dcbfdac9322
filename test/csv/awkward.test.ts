import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordCells } from '../../src/csv/cells.ts'
import { readSmallCsv } from '../../src/csv/read.ts'
import { recordFault } from '../../src/csv/records.ts'
import { openCsvSource } from '../../src/csv/source.ts'

const awkward = join(import.meta.dirname, 'awkward')
const files = (await readdir(awkward)).filter((name) => !name.startsWith('.'))

const header = ['Id', 'Name', 'Note']
const rows = [
  ['1', 'Müller, Jo', 'two\nlines; one | cell'],
  ['2', '5" pipe', 'a\ttab ^ and ` too'],
  ['3', '“Café” – 10 €', ''],
  ['4', '', '"quoted"'],
  ['5', ' spaces ', `${'x'.repeat(60)}, long, ${'y'.repeat(60)}`],
]

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-awkward-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe.each(files)('%s', (name) => {
  it('gives the rows that all awkward files give', async () => {
    const source = await openCsvSource({ path: join(awkward, name), stdin: Readable.from([]), spoolFolder: folder })
    expect(source.header).toEqual(header)
    const read: string[][] = []
    for await (const block of source.records()) {
      for (let record = 0; record < block.count; record++) {
        expect(block.fault[record]).toBe(recordFault.none)
        read.push(recordCells(block, record))
      }
    }
    await source.close()
    expect(read).toEqual(rows)
  })

  it('gives them when it is read whole, too', async () => {
    expect(await readSmallCsv(join(awkward, name))).toEqual({ header, rows })
  })
})
