import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/local-org/faults.ts'
import { breakOrg, openFaultOrg, type Work, withoutIds } from './fault-org.ts'

const insert: Work = {
  api: 'bulk',
  operation: 'insert',
  object: 'Account',
  csv: 'Name,AnnualRevenue,Comment\nAda,1.50,x\nBob,912260031,y\n,3,z\nAda,1.5,again\n',
}

const createLost: readonly [string, Fault][] = [
  ['lost after the job was made', { method: 'POST', path: '/jobs/ingest$', drop: 'after' }],
  ['never given, the job made', { method: 'POST', path: '/jobs/ingest$', hang: 'after' }],
  ['cut', { method: 'POST', path: '/jobs/ingest$', cutBody: 20 }],
  ['not to be had, the connection cut before', { method: 'POST', path: '/jobs/ingest$', drop: 'before' }],
  ['not to be had, the connection cut in the middle', { method: 'POST', path: '/jobs/ingest$', drop: 'during' }],
  ['503 and a web page', { method: 'POST', path: '/jobs/ingest$', status: 503, body: '<html></html>' }],
]

describe('a small part whose job is created with its rows', () => {
  it.each(createLost)('is written once when the answer is %s', async (_, fault) => {
    const quiet = await (await openFaultOrg()).load(insert)
    const faulty = await openFaultOrg({}, fault.hang === undefined ? undefined : 300)
    breakOrg(faulty, fault)
    const loaded = await faulty.load(insert)
    expect(loaded.account.rows).toMatchObject({ accepted: 3, rejected: 1, unknown: 0 })
    expect([withoutIds(loaded.success), loaded.errors]).toEqual([withoutIds(quiet.success), quiet.errors])
    expect(await faulty.rows('SELECT Name FROM Account')).toHaveLength(3)
    expect(faulty.writtenTwice()).toEqual([])
  })

  it('is not taken for another job of the same moment', async () => {
    const faulty = await openFaultOrg()
    breakOrg(faulty, { method: 'POST', path: '/jobs/ingest$', nth: 2, drop: 'before' })
    await faulty.load({ ...insert, csv: 'Name\nEve\n' })
    const { account } = await faulty.load(insert)
    expect(account.rows).toMatchObject({ accepted: 3, rejected: 1 })
    expect(await faulty.rows('SELECT Name FROM Account')).toHaveLength(4)
  })

  it('says that its rows are unknown when the org cannot be asked for the job', async () => {
    const faulty = await openFaultOrg()
    breakOrg(
      faulty,
      { method: 'POST', path: '/jobs/ingest$', drop: 'after' },
      { method: 'GET', path: '/jobs/ingest$', status: 403, body: [{ errorCode: 'FORBIDDEN', message: 'no' }] },
    )
    const { account, errors } = await faulty.load(insert)
    expect(account.rows).toMatchObject({ accepted: 0, unknown: 4 })
    expect(errors).toContain('UNKNOWN:the service may have taken the row')
  })
})
