import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ImageStore } from '../../src/undo/image-store.ts'

const fields = [
  { name: 'Id', type: 'id' },
  { name: 'Name', type: 'string' },
]

function makePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-image-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'undo.db')
}

it('keeps records as they were the first time, for its owner alone, and knows its fields when it is opened again', () => {
  const path = makePath()
  const store = ImageStore.open(path, fields)
  store.keep('before', [['1', 'Old "one"']], 'all')
  store.keep('before', [['1', 'New']], 'all')
  store.markWhole()
  store.close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const again = ImageStore.open(path, [])
  expect(again.fields).toEqual(fields)
  expect(again.isWhole).toBe(true)
  expect(again.find('before', ['1', '2'])).toEqual(new Map([['1', ['1', 'Old "one"']]]))
  expect(again.find('after', ['1'])).toEqual(new Map())
  again.close()
})

it('keeps targets once, in their order, and of other records nothing when they are dropped', () => {
  const store = ImageStore.open(makePath(), fields)
  const ids = Array.from({ length: 4_500 }, (_, index) => `id ${(index * 7) % 4_500}`)
  store.keep(
    'before',
    [...ids, 'other'].map((id) => [id, 'A']),
    'all',
  )
  store.addTargets(ids.map((id) => ({ id, created: false })))
  store.addTargets([{ id: ids[5] ?? '', created: true }])
  expect([...store.targets()].flat().map(({ id }) => id)).toEqual(ids)
  expect(store.countTargets()).toBe(4_500)
  store.dropOthers('before')
  expect(store.find('before', ['other', ids[0] ?? '']).size).toBe(1)
  store.keep(
    'after',
    [
      ['other', 'A'],
      [ids[0] ?? '', 'B'],
    ],
    'targets',
  )
  expect([...store.find('after', ['other', ids[0] ?? '']).keys()]).toEqual([ids[0]])
  store.close()
})

it('collects the keys of parts apart from each other, each once and without the Ids that are kept', () => {
  const store = ImageStore.open(makePath(), fields)
  store.keep('before', [['kept', 'A']], 'all')
  const keys = Array.from({ length: 3_000 }, (_, index) => `key ${index}`)
  const [one, other] = [store.collectKeys(), store.collectKeys()]
  one.add([...keys, 'kept', 'key 7'])
  other.add(['key 7'])
  expect([...one.keys()]).toEqual(keys.toSorted())
  expect(one.count()).toBe(3_000)
  one.drop()
  expect(one.count()).toBe(0)
  expect([...other.keys()]).toEqual(['key 7'])
  store.close()
})
