import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ReadRow, type RecordQuery, readRecords } from '../../src/extract/read-records.ts'
import { openOrgByApi } from '../soap/load-by-api.ts'

const id = { name: 'Id', type: 'id' }
const name = { name: 'Name', type: 'string' }
const leads: RecordQuery = { object: 'Lead', fields: [id, { name: 'LastName', type: 'string' }], key: id, all: false }

async function openWith(count: number) {
  const { org, service, load, query } = await openOrgByApi('bulk')
  const rows = Array.from({ length: count }, (_, index) => `Lead ${index},Acme\n`)
  await load('insert', 'Lead', `LastName,Company\n${rows.join('')}`)
  const ids = (await query('SELECT Id FROM Lead LIMIT 50000')).map(({ Id }) => String(Id))
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-read-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const before = service.countedCalls()
  const read = async (recordQuery: RecordQuery, keys: readonly string[], claimed = keys.length) => {
    const found: ReadRow[] = []
    const tools = { org, signal: new AbortController().signal, folder }
    for await (const some of readRecords(recordQuery, keys, claimed, tools)) found.push(...some)
    expect(await readdir(folder)).toEqual([])
    return found
  }
  return { org, service, load, query, ids, read, calls: () => service.countedCalls() - before }
}

describe('records by their keys', () => {
  it('cost one call for few, and one for two thousand more', async () => {
    const { ids, read, calls } = await openWith(1_900)
    expect(await read(leads, ids.slice(0, 3))).toHaveLength(3)
    expect(calls()).toBe(1)
    const all = await read(leads, [...ids, '00Q000000000000AAA'])
    expect(all.map(([first]) => first).sort()).toEqual([...ids].sort())
    expect(calls()).toBe(2)
  })

  it('are asked for by REST, in shorter lists, where the org refuses SOAP', async () => {
    const { ids, read, service } = await openWith(1_900)
    service.faults.add([{ path: '/services/Soap', status: 403, body: 'no' }])
    const all = await read(leads, ids)
    expect(all.map(([first]) => first).sort()).toEqual([...ids].sort())
    expect(service.count('POST', /Soap/)).toBe(1)
    expect(service.count('GET', /\/query\?/)).toBeGreaterThan(3)
  })

  it('are read by one job where that costs less, which gives the others of the object, too', async () => {
    const { ids, service, read } = await openWith(30)
    const found = await read(leads, ids.slice(0, 5), 50_000)
    expect(found.map(([first]) => first).sort()).toEqual([...ids].sort())
    expect(service.count('POST', /jobs\/query$/)).toBe(1)
  })

  it('are spelt the same by both ways, nulls empty, and found by any text', async () => {
    const { load, read, query } = await openWith(0)
    await load('insert', 'Account', `Name,ERP_Id__c,Phone,AnnualRevenue\nA,"O'Neil \\ Co",#N/A,12345678.5\n`)
    const [{ Id: account }] = (await query('SELECT Id FROM Account')) as [{ Id: string }]
    await load('delete', 'Account', `Id\n${account}\n`)
    const fields = [id, name, { name: 'Phone', type: 'phone' }, { name: 'AnnualRevenue', type: 'currency' }]
    const key = { name: 'ERP_Id__c', type: 'string' }
    const stamped = [...fields, { name: 'CreatedDate', type: 'datetime' }, { name: 'IsDeleted', type: 'boolean' }]
    const accounts = { object: 'Account', fields: stamped, key, all: true }
    const [byList] = await read(accounts, ["O'Neil \\ Co"])
    expect(byList?.slice(0, 3)).toEqual([account, 'A', ''])
    expect(byList?.at(-1)).toBe('true')
    const [byJob] = await read(accounts, ["O'Neil \\ Co"], 50_000)
    expect(byJob).toEqual(byList)
    expect(await read({ ...accounts, all: false }, ["O'Neil \\ Co"])).toEqual([])
  })
})
