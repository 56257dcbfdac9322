import { describe, expect, it } from 'vitest'
import { expectUndisturbed } from './compare.ts'
import { breakOrg, openFaultOrg } from './fault-org.ts'
import { bulkChanges, bulkInserts, queries, soapLoads } from './scenarios.ts'

describe('a session that expires', () => {
  it.each(
    [...bulkInserts, ...bulkChanges, ...soapLoads, ...queries].map((scenario) => [scenario.name, scenario] as const),
  )('in any request of %s is renewed, and nobody notices', async (_, scenario) =>
    await expectUndisturbed(scenario, { sessionExpired: true }))

  it('in every second request is renewed each time', async () => {
    const org = await openFaultOrg()
    for (let nth = 2; nth <= 8; nth += 2) breakOrg(org, { path: '^/services/data', nth, sessionExpired: true })
    const csv = `Name\n${'Ada\n'.repeat(8_000)}`
    const { account } = await org.load({ api: 'bulk', operation: 'insert', object: 'Account', csv })
    expect(account.exit).toBe('done')
    expect(org.service.count('POST', /oauth2\/token/)).toBe(5)
  })

  it('ends the run when a new one is refused, too', async () => {
    const org = await openFaultOrg()
    breakOrg(org, { path: '/jobs/ingest', nth: 2, times: 1000, sessionExpired: true })
    const csv = `Name\n${'Ada\n'.repeat(8_000)}`
    const { account } = await org.load({ api: 'bulk', operation: 'insert', object: 'Account', csv })
    expect(account).toMatchObject({ exit: 'denied', error: { code: 'INVALID_SESSION_ID' } })
    expect(org.service.count('POST', /oauth2\/token/)).toBe(2)
  })
})
