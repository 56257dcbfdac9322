import { describe, expect, it } from 'vitest'
import { breakOrg, openFaultOrg, type Work, withoutIds } from './fault-org.ts'

const parents = 'Name,ERP_Id__c\nA,P-1\nB,P-2\nC,P-3\n'
const children = (count: number) =>
  `LastName,Account.ERP_Id__c,Description,Comment\n${Array.from(
    { length: count },
    (_, i) => `${i % 40 === 9 ? '' : `Contact ${i}`},P-${(i % 3) + 1},"line ${i % 2}, ""x""\nend",own ${i}\n`,
  ).join('')}`

const load = (count: number, more: Partial<Work> = {}): Work => ({
  api: 'bulk',
  operation: 'insert',
  object: 'Contact',
  csv: children(count),
  ...more,
})

async function openWithParents(options: Parameters<typeof openFaultOrg>[0]) {
  const org = await openFaultOrg(options)
  await org.load({ api: 'soap', operation: 'upsert', object: 'Account', externalId: 'ERP_Id__c', csv: parents })
  return org
}

describe('rows that were locked', () => {
  it.each(['bulk', 'soap'] as const)('go again by %s until they are through, and only they', async (api) => {
    const quiet = await (await openWithParents({})).load(load(600, { api }))
    const org = await openWithParents({ lockRows: { percent: 5, rounds: 3 } })
    const loaded = await org.load(load(600, { api }))
    expect(loaded.account.rows).toEqual({ ...quiet.account.rows })
    expect([withoutIds(loaded.success), loaded.errors]).toEqual([withoutIds(quiet.success), quiet.errors])
    expect(loaded.notes.filter((note) => note.includes('sent again')).length).toBeGreaterThanOrEqual(3)
    expect(org.writtenTwice()).toEqual([])
    expect(await org.rows('SELECT Id FROM Contact')).toHaveLength(585)
  })

  it('stay rejected with the last answer when the rounds are over, or when there are none', async () => {
    for (const lockRetries of [0, 1]) {
      const org = await openWithParents({ lockRows: { percent: 100, rounds: 3 } })
      const { account, errors } = await org.load(load(30, { lockRetries }))
      expect(account.rows.accepted).toBe(lockRetries === 0 ? 0 : account.rows.accepted)
      expect(account.rows.accepted + account.rows.rejected).toBe(30)
      expect(errors).toContain('UNABLE_TO_LOCK_ROW:unable to obtain exclusive access')
      expect(org.writtenTwice()).toEqual([])
    }
  })

  it('travel beside their siblings, and rows that are the same in different jobs', async () => {
    const org = await openWithParents({ lockRows: { percent: 100, rounds: 1 } })
    const csv = 'LastName,Account.ERP_Id__c\nAda,P-2\nAda,P-2\nBob,P-1\nCid,P-2\n'
    const { account, success } = await org.load(load(0, { csv }))
    expect(account.rows).toMatchObject({ accepted: 4, rejected: 0, unknown: 0 })
    expect(
      success
        ?.split('\n')
        .slice(1, 5)
        .map((line) => line.split(',')[0]),
    ).toEqual(['Ada', 'Ada', 'Bob', 'Cid'])
    // The first job and two more: one for the three that differ, one for the second Ada.
    expect(org.service.count('POST', /jobs\/ingest$/)).toBe(3)
    expect(await org.rows('SELECT LastName FROM Contact ORDER BY CreatedDate, Id')).toEqual(
      ['Ada', 'Cid', 'Bob', 'Ada'].map((LastName) => JSON.stringify({ LastName })),
    )
  })

  it('are unknown when the job that took them once more cannot be followed', async () => {
    const org = await openWithParents({ lockRows: { percent: 100, rounds: 1 } })
    breakOrg(org, {
      method: 'GET',
      path: '/jobs/ingest/\\w+/successfulResults$',
      times: 99,
      status: 404,
      body: [{ errorCode: 'NOT_FOUND', message: 'gone' }],
    })
    const { account, errors } = await org.load(load(3))
    expect(account.rows).toMatchObject({ accepted: 0, unknown: 3 })
    expect(errors).toMatch(/UNKNOWN:job 750\w+ took the row once more: NOT_FOUND: gone/)
  })
})

describe('rows for which triggers have no time', () => {
  it('go in smaller jobs', async () => {
    const org = await openWithParents({ apexRows: 30 })
    const { account } = await org.load(load(120, { lockRetries: 3 }))
    expect(account.rows).toMatchObject({ accepted: 117, rejected: 3, unknown: 0 })
    expect(org.writtenTwice()).toEqual([])
  })
})
