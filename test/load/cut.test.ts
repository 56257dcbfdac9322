import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutParts } from '../../src/load/cut-parts.ts'
import type { PartStart } from '../../src/load/cutter.ts'
import { digestMaker } from '../../src/load/digest.ts'
import { PageFile } from '../../src/load/page-file.ts'
import type { Part } from '../../src/load/part.ts'
import { discardPlan } from '../../src/load/plan.ts'
import { echoingService } from './echoing-service.ts'
import { loadInMemory, planInMemory } from './load-in-memory.ts'

const takeAll = {
  decide: (_: unknown, place: number) => ({
    verdict: 'accepted' as const,
    id: `a00x${String(place).padStart(11, '0')}AAA`,
    created: true,
    error: '',
  }),
}

describe('cutting a load into jobs', () => {
  it('sends every row once, in order, in jobs of at most the given bytes and rows, and no fewer rows than fit', async () => {
    const row = fc.record({
      Name: fc.string({ minLength: 1, maxLength: 30 }).map((text) => `x${text.replaceAll('\r', '')}`),
      Note__c: fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\r', '')),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 40 }),
        fc.integer({ min: 60, max: 600 }),
        fc.integer({ min: 1, max: 12 }),
        async (rows, maxBytes, maxRows) => {
          const service = echoingService({ ...takeAll, maxBytes, maxRows })
          const { account } = await loadInMemory(
            stringify([['Name', 'Note__c'], ...rows.map(Object.values)]),
            { operation: 'insert' },
            service,
          )
          expect(service.jobs.flat()).toEqual(rows)
          expect(account.rows).toMatchObject({ read: rows.length, sent: rows.length, accepted: rows.length })
          const bytes = (records: readonly object[]) =>
            Buffer.byteLength(stringify([['Name', 'Note__c'], ...records.map(Object.values)]))
          for (const [index, job] of service.jobs.entries()) {
            expect(job.length).toBeLessThanOrEqual(maxRows)
            if (job.length > 1) expect(bytes(job) - slack(job)).toBeLessThanOrEqual(maxBytes)
            const next = service.jobs[index + 1]
            if (next && job.length < maxRows) expect(bytes([...job, next[0]!]) + slack(next)).toBeGreaterThan(maxBytes)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('sends no job for a file with a header alone', async () => {
    const service = echoingService(takeAll)
    const { account, successText, errorsText } = await loadInMemory('Name,Note__c\n', { operation: 'insert' }, service)
    expect(service.jobs).toEqual([])
    expect(account).toMatchObject({ exit: 'done', rows: { read: 0 }, files: { success: null, errors: null } })
    expect([successText, errorsText]).toEqual([undefined, undefined])
  })
})

it('ends a part at the first rejected row for --fail-fast, and cuts the same when it begins at a later part', async () => {
  const rows = ['a', 'b', '"x"y', 'c', 'd', '"x"y', 'e', 'f', 'g']
  const { plan } = await planInMemory(`Name\n${rows.join('\n')}\n`, { operation: 'insert' })
  const digest = await digestMaker()
  const cut = async (start?: PartStart) => {
    const hooks = { onRead: () => {}, until: undefined, keysFrom: undefined, endsAtReject: true }
    const pages = new PageFile(undefined)
    const limits = { maxBytes: 1000, maxRows: 2, smallBytes: 1000 }
    const parts: Omit<Part, 'places' | 'keys'>[] = []
    for await (const open of cutParts(plan.source, plan.encoder, limits, { ...hooks, pages, digest, start })) {
      const { places, keys: _, ...part } = await open.finishCut()
      places?.close()
      parts.push(part)
    }
    pages.close()
    return parts
  }
  const parts = await cut()
  expect(parts.map(({ rows, sent, isBehindReject }) => ({ rows, sent, isBehindReject }))).toEqual([
    { rows: 3, sent: 2, isBehindReject: false },
    { rows: 3, sent: 2, isBehindReject: true },
    { rows: 2, sent: 2, isBehindReject: true },
    { rows: 1, sent: 1, isBehindReject: true },
  ])
  for (const [index, part] of parts.entries()) expect(await cut(part)).toEqual(parts.slice(index))
  await discardPlan(plan)
})

/** The input's own quotes are kept, so that the bytes sent may differ from this writer's by a pair of quotes a cell. */
function slack(records: readonly object[]): number {
  return records.length * 4
}

describe('what is sent', () => {
  const sent = async (input: string | Buffer, more: object = {}) => {
    const service = echoingService(takeAll)
    await loadInMemory(input, { operation: 'insert', ...more }, service)
    return service.jobs.flat()
  }

  it('is comma, LF and UTF-8 whatever the input is, line endings inside cells included', async () => {
    const rows = [{ Name: 'Müller; Söhne', Note__c: 'one\ntwo\nthree' }]
    expect(await sent('Name;Note__c\r\n"Müller; Söhne";"one\r\ntwo\rthree"\r\n')).toEqual(rows)
    expect(await sent(Buffer.from('\ufeffName\tNote__c\rMüller; Söhne\t"one\ntwo\r\nthree"\r', 'utf16le'))).toEqual(
      rows,
    )
    expect(await sent(Buffer.from('Name|Note__c\nMüller; Söhne|"one\ntwo\nthree"\n', 'latin1'))).toEqual(rows)
  })

  it('quotes what the comma and a loose quote make necessary', async () => {
    expect(await sent('Name;Note__c\n5" pipe;a,b\n')).toEqual([{ Name: '5" pipe', Note__c: 'a,b' }])
  })

  it('is the mapped columns alone, by API name in any case, by label, by --map, and in the order of the input', async () => {
    const input = 'Comment,note__C,Key,Firm\nfree,n,k,f\n'
    expect(await sent(input, { map: ['Firm=name'] })).toEqual([{ Note__c: 'n', Key__c: 'k', Name: 'f' }])
  })

  it('spells null as the service does: the marker always, empty cells when asked', async () => {
    const input = 'Name,Note__c\nNULL,\nx,"NULL"\n'
    expect(await sent(input, { nullValue: 'NULL' })).toEqual([
      { Name: '#N/A', Note__c: '' },
      { Name: 'x', Note__c: '#N/A' },
    ])
    expect(await sent('Name,Note__c\na,\nb,""\n', { emptyAsNull: true })).toEqual([
      { Name: 'a', Note__c: '#N/A' },
      { Name: 'b', Note__c: '#N/A' },
    ])
  })

  it('keeps a row whose only cell is empty', async () => {
    expect(await sent('Name,Comment\n,x\n"",y\n')).toEqual([{ Name: '' }, { Name: '' }])
  })

  it('is the Id alone for a delete', async () => {
    const input = 'Name,Id,Note__c\na,a00x00000000001AAA,b\n'
    expect(await sent(input, { operation: 'delete' })).toEqual([{ Id: 'a00x00000000001AAA' }])
  })

  it('leaves out read-only fields and the Id of an insert', async () => {
    expect(await sent('Id,CreatedDate,Name\na00x00000000001AAA,2024-01-01,n\n')).toEqual([{ Name: 'n' }])
  })
})
