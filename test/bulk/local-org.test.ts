import { describe, expect, test } from 'vitest'
import { createBulkTransport } from '../../src/bulk/bulk-transport.ts'
import { type Clock, systemClock } from '../../src/bulk/clock.ts'
import { cellText } from '../../src/csv/cells.ts'
import { type PartBody, type PartKind, PartNotSent } from '../../src/load/transport.ts'
import type { OrgOptions } from '../../src/local-org/org-options.ts'
import { fakeTools, openOrg } from '../org/dialogue.ts'
import { startTestOrg } from '../support/org.ts'
import { temporaryFolder } from './temporary-folder.ts'

const kind: PartKind = { object: 'Account', operation: 'insert', externalIdField: undefined }
const signal = new AbortController().signal

/** Real time, but nobody waits long. */
const clock: Clock = { now: Date.now, sleep: (time, signal) => systemClock.sleep(Math.min(time, 50), signal) }

/** A connection that is really made and never waits between two tries. */
async function connectTo(options: Partial<OrgOptions>) {
  const service = await startTestOrg(options)
  const tools = fakeTools()
  const { org } = openOrg(service.url, tools)
  const authorised: typeof org = {
    ...org,
    send: (request) =>
      org.send({ ...request, headers: { ...request.headers, authorization: `Bearer ${service.accessToken}` } }),
  }
  const folder = await temporaryFolder()
  return { service, org: authorised, transport: createBulkTransport(authorised, { temporaryFolder: folder, clock }) }
}

/** Accounts of which every tenth has no name, with names that must be quoted. */
function accounts(count: number): PartBody {
  const rows = Array.from({ length: count }, (_, index) =>
    index % 10 === 9 ? `,${index}\n` : `"Zoë ""${index}"",\nInc.",${index}\n`,
  )
  const whole = Buffer.from(`Name,AccountNumber\n${rows.join('')}`)
  return {
    whole: whole.length <= 20_000 ? whole : undefined,
    async *stream() {
      for (let from = 0; from < whole.length; from += 50_000) yield whole.subarray(from, from + 50_000)
    },
  }
}

async function load(transport: ReturnType<typeof createBulkTransport>, rows: number) {
  const sent = await transport.send(kind, accounts(rows), signal)
  const end = await transport.finish({ ...sent, rows }, signal)
  const numbers: Record<string, string[]> = { accepted: [], rejected: [], unprocessed: [] }
  for await (const answers of transport.results(sent, end, rows)) {
    if ('placed' in answers) throw new Error('Bulk API 2.0 echoes')
    const { verdict, header, records } = answers
    const column = header.indexOf('AccountNumber')
    for (let record = 0; record < records.count; record++) {
      numbers[verdict]?.push(cellText(records, records.firstCell[record]! + column))
    }
  }
  return { end, numbers }
}

const sorted = (numbers: readonly string[] | undefined) => (numbers ?? []).map(Number).sort((a, b) => a - b)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('a part loaded into the local org', () => {
  test.each([
    ['small', 100, 3],
    ['large', 3_000, 5],
  ])('that is %s is answered row by row', async (_, rows, calls) => {
    const { transport, service } = await connectTo({})
    const { end, numbers } = await load(transport, rows)
    expect(end).toMatchObject({ state: 'complete', accepted: rows * 0.9, rejected: rows / 10 })
    expect(sorted(numbers.accepted)).toEqual(upTo(rows).filter((index) => index % 10 !== 9))
    expect(sorted(numbers.rejected)).toEqual(upTo(rows).filter((index) => index % 10 === 9))
    expect(service.countedCalls() - service.count('GET', /ingest\/\w+$/)).toBe(calls)
  })

  test.each([
    ['the upload is cut before it is taken', { method: 'PUT', path: '/batches', drop: 'before' }],
    ['the answer to the upload is lost', { method: 'PUT', path: '/batches', drop: 'after' }],
    ['the upload is answered with 503', { method: 'PUT', path: '/batches', status: 503, body: '<html>' }],
    ['the answer to the create is lost', { method: 'POST', path: '/jobs/ingest', drop: 'after' }],
    ['the close does not arrive', { method: 'PATCH', path: '/jobs/ingest/', drop: 'before' }],
    ['the answer to the close is lost', { method: 'PATCH', path: '/jobs/ingest/', drop: 'after' }],
    ['a poll fails', { method: 'GET', path: '/jobs/ingest/\\w+$', status: 503 }],
    ['a result file breaks off', { method: 'GET', path: '/successfulResults', cutBody: 40_000 }],
    ['a result file is answered with 500', { method: 'GET', path: '/failedResults', status: 500 }],
  ] as const)('is written once and answered whole although %s', async (_, fault) => {
    const { transport, service } = await connectTo({ faults: [fault] })
    const { numbers } = await load(transport, 2_500)
    expect(sorted([...(numbers.accepted ?? []), ...(numbers.rejected ?? [])])).toEqual(upTo(2_500))
    const count = await service.call('GET', 'query?q=SELECT+COUNT()+FROM+Account')
    expect(await count.json()).toMatchObject({ totalSize: 2_250 })
  })

  test('in one request whose answer is lost may have arrived', async () => {
    const { transport } = await connectTo({ faults: [{ method: 'POST', path: '/jobs/ingest', drop: 'after' }] })
    const error = await transport.send(kind, accounts(10), signal).catch((thrown: unknown) => thrown)
    expect(error instanceof PartNotSent && error.failure.mayHaveArrived).toBe(true)
  })

  test('by a job that fails half-way has its other rows among the unprocessed ones', async () => {
    const message = 'InternalServerError : Tried more than thirty times'
    const { transport } = await connectTo({ failJobs: { afterRows: 1_000, message } })
    const { end, numbers } = await load(transport, 2_500)
    expect(end).toMatchObject({ state: 'failed', errorMessage: message })
    expect(sorted(Object.values(numbers).flat())).toEqual(upTo(2_500))
    expect(numbers.unprocessed).toHaveLength(1_500)
  })
})
