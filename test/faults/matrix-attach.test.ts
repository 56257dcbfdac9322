import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openAttachingOrg } from '../attach/attach-to-org.ts'
import type { FaultKind } from './compare.ts'
import { faultKinds } from './fault-kinds.ts'

/** Nobody waits for what hangs: the connection of these tests is as patient as the program's. */
const kinds = Object.entries(faultKinds).filter(([, { hang }]) => hang === undefined)

/** Two bodies that travel in one call, and one that is too large for it and travels alone. */
const bodies = { 'a.txt': 'first', 'b.txt': 'second', 'large.bin': 'x'.repeat(40_000) }
const manifest = (parent: string) =>
  `ParentId,Name,Body_FileURL\n${Object.keys(bodies)
    .map((name) => `${parent},${name},${name}\n`)
    .join('')}`

async function attach(fault?: FaultKind & { readonly path: string }) {
  const org = await openAttachingOrg()
  for (const [name, body] of Object.entries(bodies)) await org.write(name, body)
  await org.org.describe('Attachment')
  if (fault !== undefined) org.service.faults.add([{ method: 'POST', ...fault }])
  const { account, success, errors } = await org.attach(manifest(org.parent), { limits: { largestInCall: 20_000 } })
  const records = await org.query('SELECT Id, Name FROM Attachment ORDER BY Name')
  const stored = await Promise.all(
    records.map(async ({ Id, Name }) => `${Name} ${hash(await org.body(`Attachment/${Id}/Body`))}`),
  )
  return { account, success, errors, stored }
}

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe.each([
  ['the call', '/services/Soap/u/'],
  ['the body that travels alone', '/sobjects/Attachment$'],
])('attach, with %s met by', (_, path) => {
  it.each(kinds)('%s, stores each file once', async (_name, fault) => {
    const quiet = await attach()
    const { account, success, errors, stored } = await attach({ ...fault, path })
    expect(account).toMatchObject({ exit: 'done', rows: { accepted: 3, rejected: 0, unknown: 0 } })
    expect([success.length, errors.length]).toEqual([3, 0])
    expect(stored).toEqual(quiet.stored)
  })
})
