import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/local-org/faults.ts'
import { leads, openCopy } from '../sync/open-copy.ts'
import { faultKinds } from './fault-kinds.ts'
import { hastyTools } from './fault-org.ts'

/** Longer than the org ever takes for these few rows. */
const hangSilence = 500

/** Changes so many leads in the file, and another field of the first in the org, and syncs. */
async function push(changes: number, fault?: Fault) {
  const silence = fault?.hang === undefined ? 30_000 : hangSilence
  const copy = await openCopy([leads], { ledger: true }, hastyTools(silence))
  const names = Array.from({ length: 4 }, (_, index) => `Row ${index + 1}`)
  const ids = await copy.create('Lead', ...names.map((LastName) => ({ LastName, Company: 'Engine', Title: 'old' })))
  await copy.sync()
  copy.edit(`UPDATE Lead SET Title = 'new ' || LastName, Company = 'Navy' WHERE LastName <= 'Row ${changes}'`)
  await copy.change('Lead', ids[0]!, { FirstName: 'Ada' })
  if (fault !== undefined) copy.service.faults.add([fault])
  const before = copy.service.writes()
  const { pushed, status, error } = await copy.sync()
  const fields = 'LastName, FirstName, Title, Company'
  return {
    error,
    pushed: pushed.get('Lead'),
    objects: status.objects.map(({ rows, pending, conflicts, rejects }) => ({ rows, pending, conflicts, rejects })),
    org: await copy.query(`SELECT ${fields} FROM Lead ORDER BY LastName`),
    file: copy.rows(`SELECT ${fields} FROM Lead ORDER BY LastName`),
    writes: ids.map((id) => (copy.service.writes().get(id) ?? 0) - (before.get(id) ?? 0)),
  }
}

describe.each([
  ['the call of a few changes', 3, { method: 'POST', path: '/composite$' }],
  ['the call of one change', 1, { method: 'PATCH', path: '/sobjects/Lead/' }],
])('a push, with %s met by', (_, changes, request) => {
  let undisturbed: ReturnType<typeof push> | undefined
  it.each(Object.entries(faultKinds))('%s, writes each change once', async (_name, fault) => {
    undisturbed ??= push(changes)
    const quiet = await undisturbed
    expect(quiet.writes).toEqual([1, 1, 1, 1].fill(0, changes))
    expect(quiet.objects).toMatchObject([{ conflicts: 0, rejects: 0, pending: { update: 0 } }])
    expect(await push(changes, { ...request, ...fault })).toEqual(quiet)
  })
})
