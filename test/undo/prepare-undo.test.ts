import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ImageStore } from '../../src/undo/image-store.ts'
import { prepareUndo, type UndoPlan } from '../../src/undo/prepare-undo.ts'
import { openOrgByApi } from '../soap/load-by-api.ts'

/** Accounts that a run has created, as it keeps their Ids. */
async function openWithAccounts(names: readonly string[]) {
  const { org, load, query, service } = await openOrgByApi('soap')
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-undo-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const { success = '' } = await load('insert', 'Account', `Name\n${names.join('\n')}\n`)
  const ids = [...success.matchAll(/,(001\w{15}),/g)].map(([, id = '']) => id)
  const idsFile = join(folder, 'written.ids')
  await writeFile(idsFile, ids.map((id) => `${id},c\n`).join(''))
  const notes: string[] = []
  const prepare = async (plan: Partial<UndoPlan> = {}) => {
    const output = join(folder, `${Math.random()}.csv`)
    const object = await org.describe('Account')
    const base = { step: 'delete', object, idsFile, which: 'all', onlyCreated: false, kept: undefined } as const
    const tools = { org, signal: new AbortController().signal, folder, note: (text: string) => notes.push(text) }
    const forecast = await prepareUndo({ ...base, output, storeFile: `${output}.db`, force: false, ...plan }, tools)
    return { forecast, csv: await readFile(output, 'utf8') }
  }
  return { org, load, query, service, folder, ids, prepare, notes }
}

it('deletes what is as it was created; what was changed or got children since is a conflict, what is gone is done', async () => {
  const { load, ids, prepare, notes, service } = await openWithAccounts(['A', 'B', 'C', 'D'])
  const [kept, parent, gone] = ids
  await load('insert', 'Contact', `LastName,AccountId\nAda,${parent}\n`)
  await load('delete', 'Account', `Id\n${gone}\n`)
  const calls = service.countedCalls()
  const { forecast, csv } = await prepare()
  // The records, the list of objects, and five kinds of children.
  expect(service.countedCalls() - calls).toBe(7)
  expect(forecast).toEqual({ records: 4, undo: 2, done: 1, conflicts: 1 })
  const children = 'LOCAL:CONFLICT:deleting it would delete Contact records that it has got since:--'
  expect(csv).toBe(`sf__Verdict,Id\n,${kept}\n${children},${parent}\ndone,${gone}\n,${ids[3]}\n`)
  expect(notes).toEqual([])
  expect((await prepare({ force: true })).forecast).toMatchObject({ undo: 3, conflicts: 0 })
})

it('undeletes what is in the recycle bin', async () => {
  const { load, ids, prepare } = await openWithAccounts(['A', 'B'])
  await load('delete', 'Account', `Id\n${ids[1]}\n`)
  const { csv } = await prepare({ step: 'undelete' })
  expect(csv).toBe(`sf__Verdict,Id\ndone,${ids[0]}\n,${ids[1]}\n`)
})

it('puts former values back, nulls and quotes included', async () => {
  const { load, ids, prepare, folder } = await openWithAccounts(['"A ""one"", Ltd"', 'B'])
  const fields = [
    { name: 'Id', type: 'id' },
    { name: 'Name', type: 'string' },
    { name: 'Phone', type: 'phone' },
    { name: 'LastModifiedDate', type: 'datetime' },
  ]
  const kept = ImageStore.open(join(folder, 'kept.db'), fields)
  onTestFinished(() => kept.close())
  kept.keep(
    'before',
    ids.map((id) => [id, id === ids[0] ? 'A "one", Ltd' : 'B', '', 'then']),
    'all',
  )
  await load('update', 'Account', `Id,Name,Phone\n${ids[0]},New,1\n`)
  const { csv } = await prepare({ step: 'update', kept })
  expect(csv.split('\n').slice(0, 3)).toEqual([
    'sf__Verdict,Id,Name,Phone',
    `LOCAL:CONFLICT:how the run left it is not known; --force puts its values back all the same:--,${ids[0]},"A ""one"", Ltd",#N/A`,
    `done,${ids[1]},B,#N/A`,
  ])
  expect((await prepare({ step: 'update', kept, force: true })).csv).toContain(`\n,${ids[0]},"A ""one"", Ltd",#N/A\n`)
})
