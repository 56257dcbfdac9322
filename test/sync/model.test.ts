import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listConflicts } from '../../src/sync/conflicts.ts'
import { resolveConflicts } from '../../src/sync/resolve.ts'
import { runSync, type SyncOptions } from '../../src/sync/sync.ts'
import type { Pattern } from '../../src/sync/sync-object.ts'
import { callSoap } from '../local-org/soap-calls.ts'
import { type Copy, killAt, openCopy } from './open-copy.ts'

/** Places and values are chosen modulo what there is. */
interface Edit {
  readonly contact: boolean
  readonly row: number
  readonly parent: number
  readonly field: number
}
interface LocalEdit extends Edit {
  readonly kind: 'local'
  readonly what: 'insert' | 'update' | 'replace' | 'delete'
}
interface RemoteEdit extends Edit {
  readonly kind: 'remote'
  /** `leave` and `return`: the condition under which a world may copy its contacts. */
  readonly what: 'insert' | 'update' | 'delete' | 'undelete' | 'leave' | 'return'
}

/** What may happen to two objects, one of which refers to both. */
type Step =
  | LocalEdit
  | RemoteEdit
  | { readonly kind: 'sync'; readonly options: Partial<SyncOptions> }
  | { readonly kind: 'clash'; readonly here: LocalEdit; readonly there: RemoteEdit }
  | { readonly kind: 'during'; readonly nth: number; readonly edit: LocalEdit }
  | { readonly kind: 'kill'; readonly nth: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'fault'; readonly path: string; readonly drop: 'before' | 'after' }
  | { readonly kind: 'resolve'; readonly side: 'ours' | 'theirs' }

const place = { contact: fc.boolean(), row: fc.nat(9), parent: fc.nat(9), field: fc.nat(1) }
const local: fc.Arbitrary<LocalEdit> = fc.record({
  kind: fc.constant('local'),
  what: fc.constantFrom('insert', 'insert', 'update', 'update', 'replace', 'delete'),
  ...place,
})
const remote: fc.Arbitrary<RemoteEdit> = fc.record({
  kind: fc.constant('remote'),
  what: fc.constantFrom('insert', 'update', 'update', 'delete', 'undelete', 'leave', 'return'),
  ...place,
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: local },
  { weight: 3, arbitrary: remote },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('clash'),
      here: local.map((edit) => ({ ...edit, what: edit.what === 'insert' ? ('update' as const) : edit.what })),
      there: remote.map((edit) => ({ ...edit, what: edit.what === 'delete' ? edit.what : ('update' as const) })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('sync'),
      options: fc.constantFrom({}, {}, { pull: false }, { push: false }, { sweep: true }, { full: true }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('during'), nth: fc.integer({ min: 1, max: 6 }), edit: local }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('kill'),
      nth: fc.integer({ min: 1, max: 6 }),
      when: fc.constantFrom('before', 'after'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fault'),
      path: fc.constantFrom('/Soap/', '/composite', '/query'),
      drop: fc.constantFrom('before', 'after'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resolve'), side: fc.constantFrom('ours', 'theirs') }) },
)

const objects = [
  { object: 'Account', fields: ['Name', 'Phone', 'ParentId'] },
  { object: 'Contact', fields: ['LastName', 'Title', 'AccountId'] },
] as const

/** Patterns of accounts and contacts, and which contacts are in the copy. */
const worlds = [
  { account: 'conflicts', contact: 'conflicts', where: undefined, scope: 'all of them' },
  { account: 'last-write-wins', contact: 'last-write-wins', where: undefined, scope: 'all of them' },
  { account: 'read-only', contact: 'conflicts', where: undefined, scope: 'all of them' },
  { account: 'incremental', contact: 'last-write-wins', where: undefined, scope: 'all of them' },
  { account: 'last-write-wins', contact: 'conflicts', where: 'Department = null', scope: 'those without a department' },
] as const satisfies readonly World[]

interface World {
  readonly account: Pattern
  readonly contact: Pattern
  readonly where: string | undefined
  readonly scope: string
}

const runs = Number(process.env.SYNC_MODEL_RUNS ?? 3)

describe('whatever happens in whatever order', () => {
  it.each(
    worlds,
  )('with accounts $account and contacts $contact, $scope, both sides end alike, and every edit was applied, replaced, decided against, or is listed', async (chosen) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 6, maxLength: 16 }),
        fc.constantFrom('ours', 'theirs'),
        async (steps, side) => {
          const world = await openWorld(chosen)
          for (const each of steps) await world.take(each)
          await world.end(side)
        },
      ),
      { numRuns: runs, endOnFailure: process.env.SYNC_MODEL_RUNS === undefined },
    )
  }, 600_000)
})

async function openWorld({ account, contact, where }: World) {
  let copy = await openCopy([
    { ...objects[0], pattern: account },
    { ...objects[1], pattern: contact, where },
  ])
  const patterns = { Account: account, Contact: contact }
  const accounts = await copy.create('Account', { Name: 'A' }, { Name: 'B' })
  await copy.create('Contact', { LastName: 'C', AccountId: accounts[0] }, { LastName: 'D' })
  await copy.sync()
  let counter = 0
  /** Values that were written here and whose fate is not known yet, by row and field; and those that were in the org once. */
  const written = new Map<string, { readonly object: string; readonly field: string }>()
  const seen = new Set<string>()
  /** Values that were written in the org, of objects whose records must not be overwritten unseen. */
  const writtenThere = new Set<string>()
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

  /** Edits the same row on both sides, mostly in the same field. */
  async function clash(here: LocalEdit, there: RemoteEdit): Promise<void> {
    const { object } = objects[here.contact ? 1 : 0]
    const known = copy.rows(`SELECT Id FROM ${object} WHERE Id NOT LIKE 'local:%' ORDER BY 1`).flat().map(String)
    const living = new Set((await copy.query(`SELECT Id FROM ${object}`)).map(({ Id }) => String(Id)))
    const shared = known.filter((each) => living.has(each))
    const id = shared[here.row % Math.max(1, shared.length)]
    if (id === undefined) return
    await editThere({ ...there, contact: here.contact, field: there.row < 7 ? here.field : there.field }, id)
    editHere(here, id)
  }

  function editHere({ what, contact, row, parent, field }: LocalEdit, chosen?: string): void {
    const { object, fields } = objects[contact ? 1 : 0]
    const ids = copy.rows(`SELECT Id FROM ${object} ORDER BY 1`).flat().map(String)
    const parents = copy.rows('SELECT Id FROM Account ORDER BY 1').flat().map(String)
    const id = chosen ?? ids[row % Math.max(1, ids.length)]
    const token = `L${++counter}`
    const name = fields[field] ?? fields[0]
    if (patterns[object] === 'read-only' || patterns[object] === 'incremental') {
      expect(() => copy.edit(`INSERT INTO ${object} (${fields[0]}) VALUES ('${token}')`)).toThrow('read-only copy')
    } else if (what === 'insert') {
      const to = parents.length === 0 || parent > 6 ? 'NULL' : `'${parents[parent % parents.length]}'`
      if (attempt(`INSERT INTO ${object} (${fields[0]}, ${fields[2]}) VALUES ('${token}', ${to})`)) {
        written.set(token, { object, field: fields[0] })
      }
    } else if (id === undefined) return
    else if (what === 'delete') {
      replace(object, id, fields)
      attempt(`DELETE FROM ${object} WHERE Id = '${id}'`)
    } else {
      replace(object, id, [name])
      const values = fields.map((each) => (each === name ? `'${token}'` : each))
      const list = ['Id', ...fields].join(', ')
      const isMade = attempt(
        what === 'update'
          ? `UPDATE ${object} SET ${name} = '${token}' WHERE Id = '${id}'`
          : `INSERT OR REPLACE INTO ${object} (${list}) SELECT Id, ${values} FROM ${object} WHERE Id = '${id}'`,
      )
      if (isMade) written.set(token, { object, field: name })
    }
  }

  /** A parent may be gone from the file already while its children are not: the sync was killed between the two. */
  function attempt(sql: string): boolean {
    try {
      copy.edit(sql)
      return true
    } catch (error) {
      expect(String(error)).toContain('FOREIGN KEY')
      return false
    }
  }

  async function editThere({ what, contact, row, field }: RemoteEdit, chosen?: string): Promise<void> {
    const { object, fields } = objects[contact ? 1 : 0]
    const ids = (await copy.query(`SELECT Id FROM ${object} ORDER BY Id`)).map(({ Id }) => String(Id))
    const id = chosen ?? ids[row % Math.max(1, ids.length)]
    const token = `R${++counter}`
    const isKept = patterns[object] !== 'last-write-wins'
    if (isKept && (what === 'insert' || (what === 'update' && id !== undefined))) writtenThere.add(token)
    if (what === 'insert') await copy.create(object, { [fields[0]]: token })
    else if (what === 'undelete') await undelete(object, row)
    else if (id === undefined) return
    else if (what === 'update') {
      const name = fields[field] ?? fields[0]
      for (const record of await copy.query(`SELECT ${name} FROM ${object} WHERE Id = '${id}'`))
        excused.add(String(record[name]))
      await copy.change(object, id, { [name]: token })
    } else if (what === 'delete') await copy.remove(object, id)
    else if (object === 'Contact') await copy.change(object, id, { Department: what === 'leave' ? 'out' : null })
  }

  async function undelete(object: string, row: number): Promise<void> {
    const soql = encodeURIComponent(`SELECT Id FROM ${object} WHERE IsDeleted = true ORDER BY Id`)
    const response = await copy.service.call('GET', `queryAll?q=${soql}`)
    const { records } = (await response.json()) as { readonly records: readonly { readonly Id: string }[] }
    const id = records[row % Math.max(1, records.length)]?.Id
    if (id !== undefined) await callSoap(copy.service, `<undelete><ids>${id}</ids></undelete>`)
  }

  async function editDuring(nth: number, edit: LocalEdit): Promise<void> {
    let steps = 0
    const report: Copy['tools']['report'] = (event) => {
      if (event.type !== 'step') return
      steps += 1
      if (steps === nth) editHere(edit)
    }
    await runSync({ ...copy.tools, report }, { pull: true, push: true }).catch(expected)
  }

  function decide(side: 'ours' | 'theirs'): void {
    if (side === 'ours') for (const { remote: value } of listConflicts(copy.file)) excused.add(String(value))
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
      if (each.kind === 'local') editHere(each)
      else if (each.kind === 'remote') await editThere(each)
      else if (each.kind === 'sync') await copy.sync(each.options).catch(expected)
      else if (each.kind === 'clash') await clash(each.here, each.there)
      else if (each.kind === 'during') await editDuring(each.nth, each.edit)
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
        const [from, order] = [`SELECT Id, ${fields.join(', ')} FROM ${object}`, 'ORDER BY Id']
        const condition = object === 'Contact' && where !== undefined ? `WHERE ${where}` : ''
        const there = (await copy.query(`${from} ${condition} ${order}`))
          .map((record) => Object.values(record))
          .filter(([id]) => !waiting.has(String(id)))
        const here = copy.rows(`${from} ${order}`).filter(([id]) => !waiting.has(String(id)))
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
      const there = new Set<string>()
      for (const { object, fields } of objects) {
        const soql = encodeURIComponent(`SELECT ${fields.join(', ')} FROM ${object}`)
        const response = await copy.service.call('GET', `queryAll?q=${soql}`)
        const { records } = (await response.json()) as {
          readonly records: readonly Readonly<Record<string, unknown>>[]
        }
        for (const value of records.flatMap((record) => Object.values(record))) there.add(String(value))
      }
      const overwritten = [...writtenThere].filter((token) => !there.has(token) && !excused.has(token))
      expect(overwritten, 'edits in the org that were overwritten unseen').toEqual([])
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
