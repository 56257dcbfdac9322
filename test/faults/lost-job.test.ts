import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { createBulkTransport } from '../../src/bulk/bulk-transport.ts'
import type { PartBody } from '../../src/load/transport.ts'
import type { Fault } from '../../src/local-org/faults.ts'
import { breakOrg, type FaultOrg, openFaultOrg, type Work, withoutIds } from './fault-org.ts'

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

describe('a job that an earlier process left open without knowing its id', () => {
  const kind = { object: 'Account', operation: 'insert', externalIdField: undefined }
  const body = (text: string): PartBody => ({ whole: undefined, stream: () => Readable.from([Buffer.from(text)]) })

  async function openJobs({ service }: FaultOrg): Promise<number> {
    const { records } = (await (await service.call('GET', 'jobs/ingest')).json()) as { records: { state: string }[] }
    return records.filter(({ state }) => state === 'Open').length
  }

  it('is given up, and a job that is being made beside it is not taken for it', async () => {
    const org = await openFaultOrg()
    await org.service.call('POST', 'jobs/ingest', { object: 'Account', operation: 'insert', contentType: 'CSV' })
    const transport = createBulkTransport(org.org)
    // The answer that names the new job takes its time, while the org has it in its list already.
    breakOrg(org, { method: 'POST', path: '/jobs/ingest$', dripMs: 20 })
    const began = Date.now() - 1_000
    const begun = {
      begunAt: began,
      lastAt: began,
      job: undefined,
      uploaded: false,
      knownJobs: async () => new Set<string>(),
    }
    const { signal } = new AbortController()
    const sending = transport.send(kind, body('Name\nAda\n'), signal)
    await vi.waitUntil(async () => (await openJobs(org)) === 2, { interval: 2 })
    expect(await transport.takeUp?.(kind, body('Name\nBob\n'), begun, signal)).toEqual({ state: 'absent' })
    const end = await transport.finish(await sending, signal)
    expect(end).toMatchObject({ state: 'complete', accepted: 1 })
    expect(await openJobs(org)).toBe(0)
  })
})
