import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readWrittenIds, WrittenIds } from '../../src/load/written-ids.ts'

function makePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-written-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'written.ids')
}

/** Outcomes whose written rows are those of these numbers. */
function outcomesOf(created: boolean, ...numbers: readonly number[]) {
  return {
    *writtenLines() {
      for (const number of numbers) yield Buffer.from(`${idOf(number)},${created ? 'c' : 'w'}\n`)
    },
  }
}

function idOf(number: number): string {
  return `001${String(number).padStart(12, '0')}AAA`
}

async function readAll(path: string) {
  const records = []
  for await (const some of readWrittenIds(path)) records.push(...some)
  return records
}

it('keeps the Ids of accepted rows in their order, for the owner alone', async () => {
  const path = makePath()
  const ids = new WrittenIds(path)
  expect(await readAll(path)).toEqual([])
  await ids.add(outcomesOf(true, 1))
  await ids.add(outcomesOf(false, 3, ...Array.from({ length: 2_500 }, (_, index) => 100 + index)))
  const records = await readAll(path)
  expect(records.slice(0, 3)).toEqual([
    { id: idOf(1), created: true },
    { id: idOf(3), created: false },
    { id: idOf(100), created: false },
  ])
  expect(records).toHaveLength(2_502)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('loses no Id to a line that was torn when a process died', async () => {
  const path = makePath()
  await new WrittenIds(path).add(outcomesOf(true, 1))
  appendFileSync(path, idOf(2).slice(0, 9))
  expect(await readAll(path)).toHaveLength(1)
  await new WrittenIds(path).add(outcomesOf(true, 2, 3))
  expect((await readAll(path)).map(({ id }) => id)).toEqual([idOf(1), idOf(2), idOf(3)])
})
