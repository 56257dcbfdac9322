import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/local-org/faults.ts'
import { fetchUserId } from '../../src/org/fetch-user-id.ts'
import { openAttachingOrg } from '../attach/attach-to-org.ts'
import { leads, openCopy } from '../sync/open-copy.ts'
import { faultKinds } from './fault-kinds.ts'
import { breakOrg, connectTo, hastyTools, openFaultOrg, type Work, withoutIds } from './fault-org.ts'

/** Longer than the org ever takes for these few rows. */
const hangSilence = 500

const patience = (fault: Fault) => (fault.hang === undefined ? 30_000 : hangSilence)

const accounts = (api: Work['api']): Work => ({
  api,
  operation: 'insert',
  object: 'Account',
  csv: 'Name,ERP_Id__c\nAda,K-1\nBob,K-2\n,K-3\n',
})

/** A load whose first answer is lost, so that its rows are looked for. */
async function load(api: Work['api'], lost: Fault, fault: Fault) {
  const org = await openFaultOrg({}, patience(fault))
  breakOrg(org, lost, fault)
  const { account, success, errors } = await org.load(accounts(api))
  return {
    outcome: [account.exit, account.rows, withoutIds(success), errors],
    org: await org.rows('SELECT Name, ERP_Id__c FROM Account ORDER BY ERP_Id__c'),
    writtenTwice: org.writtenTwice(),
  }
}

async function attach(fault: Fault) {
  const org = await openAttachingOrg(hastyTools(patience(fault)))
  await org.write('a.txt', 'a')
  org.service.faults.add([{ method: 'POST', path: '/services/Soap/', drop: 'after' }, fault])
  const { account, success, errors } = await org.attach(`ParentId,Name,Body_FileURL\n${org.parent},a,a.txt\n`)
  return {
    outcome: [account.exit, account.rows, withoutIds(success.join('\n')), errors],
    org: await org.query('SELECT Name, BodyLength FROM Attachment'),
  }
}

/** A new row whose call is answered by nobody, and the sync that looks for it. */
async function sync(fault: Fault) {
  const copy = await openCopy([leads], { ledger: true }, hastyTools(patience(fault)))
  copy.edit("INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy')")
  copy.service.faults.add([{ method: 'POST', path: '/Soap/', drop: 'after' }, fault])
  await copy.sync()
  const { status, error } = await copy.sync()
  return {
    error,
    objects: status.objects.map(({ rows, pending, conflicts, rejects }) => ({ rows, pending, conflicts, rejects })),
    org: await copy.query('SELECT LastName FROM Lead'),
    file: copy.rows('SELECT LastName FROM Lead'),
    writes: [...copy.service.writes().values()],
  }
}

/** Each with the number of records that it comes to. */
const searches: readonly (readonly [
  string,
  number,
  (fault: Fault) => Promise<{ readonly org: readonly unknown[] }>,
])[] = [
  ['a lost job', 2, (fault) => load('bulk', { method: 'POST', path: '/jobs/ingest$', drop: 'after' }, fault)],
  ['the rows of a lost call', 2, (fault) => load('soap', { method: 'POST', path: '/Soap/', drop: 'after' }, fault)],
  ['files whose call was lost', 1, attach],
  ['new rows of a push that was lost', 1, sync],
]

const userInfo = { path: '/oauth2/userinfo' }

describe.each(searches)('the search for %s', (_, records, search) => {
  let undisturbed: ReturnType<typeof search> | undefined
  it.each(Object.entries(faultKinds))('comes to the same when asking for the user meets %s', async (_name, fault) => {
    undisturbed ??= search({ ...userInfo, delayMs: 1 })
    const quiet = await undisturbed
    expect(quiet.org).toHaveLength(records)
    expect(await search({ ...userInfo, ...fault })).toEqual(quiet)
  })
})

it('the user is known in spite of any fault', async () => {
  const patient = await openFaultOrg()
  const hasty = await connectTo(patient.service, hangSilence)
  const { signal } = new AbortController()
  const user = await fetchUserId(patient.org, signal)
  expect(user).toMatch(/^005/)
  for (const [name, fault] of Object.entries(faultKinds)) {
    breakOrg(patient, { ...userInfo, ...fault })
    expect(await fetchUserId((fault.hang === undefined ? patient : hasty).org, signal), name).toBe(user)
  }
})
