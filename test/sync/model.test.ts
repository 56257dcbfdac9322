import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listConflicts } from '../../src/sync/conflicts.ts'
import { resolveConflicts } from '../../src/sync/resolve.ts'
import type { Pattern } from '../../src/sync/sync-object.ts'
import { type Copy, killAt, openCopy } from './open-copy.ts'

/** What may happen to two objects, one of which refers to both; places and values are chosen modulo what there is. */
interface Edit {
  readonly kind: 'local' | 'remote'
  readonly what: 'insert' | 'update' | 'delete'
  readonly contact: boolean
  readonly row: number
  readonly parent: number
  readonly field: number
}

type Step =
  | Edit
  | { readonly kind: 'sync' }
  | { readonly kind: 'kill'; readonly nth: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'fault'; readonly path: string; readonly drop: 'before' | 'after' }
  | { readonly kind: 'resolve'; readonly side: 'ours' | 'theirs' }

const edit = fc.record({
  kind: fc.constantFrom('local', 'local', 'remote'),
  what: fc.constantFrom('insert', 'insert', 'update', 'update', 'delete'),
  contact: fc.boolean(),
  row: fc.nat(9),
  parent: fc.nat(9),
  field: fc.nat(1),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: edit },
  { weight: 2, arbitrary: fc.constant({ kind: 'sync' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('kill'),
      nth: fc.integer({ min: 1, max: 5 }),
      when: fc.constantFrom('before', 'after'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fault'),
      path: fc.constantFrom('/Soap/', '/composite/', '/query'),
      drop: fc.constantFrom('before', 'after'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resolve'), side: fc.constantFrom('ours', 'theirs') }) },
)

const objects = [
  { object: 'Account', fields: ['Name', 'Phone', 'ParentId'] },
  { object: 'Contact', fields: ['LastName', 'Title', 'AccountId'] },
] as const

const runs = Number(process.env.SYNC_MODEL_RUNS ?? 6)

describe('whatever happens in whatever order', () => {
  it.each([
    'conflicts',
    'last-write-wins',
  ] as const)('by the pattern %s both sides end alike, and every edit was applied, replaced, decided against, or is listed', async (pattern) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 6, maxLength: 16 }),
        fc.constantFrom('ours', 'theirs'),
        async (steps, side) => {
          const world = await openWorld(pattern)
          for (const each of steps) await world.take(each)
          await world.end(side)
        },
      ),
      { numRuns: runs, endOnFailure: process.env.SYNC_MODEL_RUNS === undefined },
    )
  }, 600_000)
})

async function openWorld(pattern: Pattern) {
  let copy = await openCopy(objects.map((object) => ({ ...object, pattern })))
  const accounts = await copy.create('Account', { Name: 'A' }, { Name: 'B' })
  await copy.create('Contact', { LastName: 'C', AccountId: accounts[0] }, { LastName: 'D' })
  await copy.sync()
  let counter = 0
  /** Values that were written here and whose fate is not known yet, by row and field; and those that were in the org once. */
  const written = new Map<string, { readonly object: string; readonly field: string }>()
  const seen = new Set<string>()
  const excused = new Set<string>()

  async function look(): Promise<void> {
    for (const { object, fields } of objects) {
      for (const record of await copy.query(`SELECT ${fields.join(', ')} FROM ${object}`)) {
        for (const value of Object.values(record)) seen.add(String(value))
      }
    }
    const superseded = copy.rows("SELECT value ->> 'local' FROM sfbulk_superseded, json_each(fields)")
    for (const [value] of superseded) excused.add(String(value))
  }

  /** What a row holds here before it is edited again or deleted: by that it is replaced. */
  function replace(object: string, id: string, fields: readonly string[]): void {
    const rows = copy.rows(`SELECT ${fields.join(', ')} FROM ${object} WHERE Id = '${id}'`)
    for (const value of rows.flat()) excused.add(String(value))
  }

  function local({ what, contact, row, parent, field }: Edit): void {
    const { object, fields } = objects[contact ? 1 : 0]
    const ids = copy.rows(`SELECT Id FROM ${object} ORDER BY 1`).flat().map(String)
    const parents = copy.rows('SELECT Id FROM Account ORDER BY 1').flat().map(String)
    const id = ids[row % Math.max(1, ids.length)]
    const token = `L${++counter}`
    if (what === 'insert') {
      const to = parents.length === 0 || parent > 6 ? 'NULL' : `'${parents[parent % parents.length]}'`
      copy.edit(`INSERT INTO ${object} (${fields[0]}, ${fields[2]}) VALUES ('${token}', ${to})`)
      written.set(token, { object, field: fields[0] })
    } else if (id !== undefined && what === 'update') {
      replace(object, id, [fields[field] ?? fields[0]])
      copy.edit(`UPDATE ${object} SET ${fields[field]} = '${token}' WHERE Id = '${id}'`)
      written.set(token, { object, field: fields[field] ?? fields[0] })
    } else if (id !== undefined) {
      replace(object, id, fields)
      copy.edit(`DELETE FROM ${object} WHERE Id = '${id}'`)
    }
  }

  async function remote({ what, contact, row, field }: Edit): Promise<void> {
    const { object, fields } = objects[contact ? 1 : 0]
    const ids = (await copy.query(`SELECT Id FROM ${object} ORDER BY Id`)).map(({ Id }) => String(Id))
    const id = ids[row % Math.max(1, ids.length)]
    const token = `R${++counter}`
    if (what === 'insert') await copy.create(object, { [fields[0]]: token })
    else if (id === undefined) return
    else if (what === 'update') await copy.change(object, id, { [fields[field] ?? fields[0]]: token })
    else await copy.remove(object, id)
  }

  function decide(side: 'ours' | 'theirs'): void {
    if (side === 'theirs') for (const { local: value } of listConflicts(copy.file)) excused.add(String(value))
    if (side === 'theirs') {
      // A row that the org has deleted goes with all that was edited in it.
      for (const { object, id, kind } of listConflicts(copy.file)) {
        if (kind === 'changed-deleted') replace(object, id, objects.find((each) => each.object === object)!.fields)
      }
    }
    resolveConflicts(copy.file, () => side)
  }

  return {
    async take(each: Step): Promise<void> {
      if ('what' in each) await (each.kind === 'local' ? local(each) : remote(each))
      else if (each.kind === 'sync') await copy.sync().catch(expected)
      else if (each.kind === 'kill') copy = (await killAt(copy, each.nth, each.when).catch(expected)) ?? copy
      else if (each.kind === 'fault') {
        copy.service.faults.add([{ path: each.path, drop: each.drop }])
        await copy.sync().catch(expected)
        await exhaust(copy, each.path)
      } else decide(each.side)
      await look()
    },

    async end(side: 'ours' | 'theirs'): Promise<void> {
      for (let round = 0; round < 4; round++) {
        await copy.sync({ sweep: true })
        await look()
        if (listConflicts(copy.file).length > 0) decide(side)
      }
      const { status } = await copy.sync({ sweep: true })
      await look()
      expect(status.objects.map(({ conflicts }) => conflicts)).toEqual([0, 0])
      // What still waits is listed, each row with its reason.
      const waiting = new Set(copy.rows('SELECT id FROM sfbulk_pending').flat().map(String))
      expect([...waiting].sort()).toEqual(status.rejects.map(({ id }) => id).sort())
      for (const { object, fields } of objects) {
        const soql = `SELECT Id, ${fields.join(', ')} FROM ${object} ORDER BY Id`
        const there = (await copy.query(soql))
          .map((record) => Object.values(record))
          .filter(([id]) => !waiting.has(String(id)))
        const here = copy.rows(soql).filter(([id]) => !waiting.has(String(id)))
        expect(here).toEqual(there)
        for (const value of copy
          .rows(`SELECT ${fields.join(', ')} FROM ${object} WHERE Id IN (SELECT id FROM sfbulk_pending)`)
          .flat()) {
          excused.add(String(value))
        }
        const names = (await copy.query(`SELECT ${fields[0]} FROM ${object}`)).map((record) => record[fields[0]])
        expect(
          names.filter((name, place) => names.indexOf(name) !== place),
          'made twice',
        ).toEqual([])
      }
      const lost = [...written.keys()].filter((token) => !seen.has(token) && !excused.has(token))
      expect(lost, 'edits of which nothing is left').toEqual([])
    },
  }
}

/** A fault that nothing came to is taken out of the way. */
async function exhaust(copy: Copy, path: string): Promise<void> {
  for (let attempt = 0; copy.service.faults.unfired().length > 0 && attempt < 5; attempt++) {
    const target = path === '/Soap/' ? '/services/Soap/u/66.0' : `/services/data/v66.0${path}`
    await copy.service.call('GET', target).catch(() => undefined)
  }
}

/** A sync that the network ends says so; anything else is a fault of this program. */
function expected(error: unknown): undefined {
  if (error instanceof Error && 'exit' in error) return undefined
  throw error
}
