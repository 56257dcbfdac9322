import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { recordCells } from '../../src/csv/cells.ts'
import { openKeptSource } from '../../src/csv/kept-source.ts'
import { Spool } from '../../src/csv/spool.ts'

const dialect = { delimiter: ',', lineEnding: '\n', bom: false, encoding: 'utf-8' } as const
const start = { offset: 5, line: 2 }

/** The first cells of the records of an input that was kept up to here; `ended`: whether it was read to its end. */
async function readKept(text: string, ended: boolean): Promise<{ cells: string[]; isCut: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), 'csv-kept-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const spool = new Spool({ kept: folder }, start.offset, 8)
  for (const piece of text.match(/[\s\S]{1,5}/g) ?? []) await spool.append(Buffer.from(piece))
  if (ended) await spool.end()
  await spool.close()
  const kept = { folder, name: 'stdin', dialect, header: ['A', 'B'], start, from: start, whole: undefined }
  const { source, cutAt } = await openKeptSource(kept)
  const cells: string[] = []
  for await (const block of source.records()) {
    for (let record = 0; record < block.count; record++) cells.push(recordCells(block, record)[0] ?? '')
  }
  await source.close()
  return { cells, isCut: cutAt !== undefined }
}

it.each([
  ['1,x\n2,y\n3,z', true, ['1', '2', '3'], false],
  ['1,x\n2,y\n3,z', false, ['1', '2'], true],
  ['1,x\n2,y\n', false, ['1', '2'], true],
  ['1,x\n2,"y\nand', false, ['1'], true],
])('%j, read to its end: %s, gives the records %j', async (text, ended, cells, isCut) => {
  expect(await readKept(text, ended)).toEqual({ cells, isCut })
})
