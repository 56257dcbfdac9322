import { describe, expect, it } from 'vitest'
import { rowsOf } from '../load/load-in-memory.ts'
import { openOrgByApi } from './load-by-api.ts'

describe('a load by SOAP into the local org', () => {
  it('sends calls of 200 rows one after the other, so that the later of two rows stands', async () => {
    const { load, query, service } = await openOrgByApi('soap')
    service.faults.add([{ method: 'POST', path: '/services/Soap', delayMs: 30 }])
    const rows = Array.from({ length: 450 }, (_, row) => `K-${row % 200},Name ${row}\n`).join('')
    const { account } = await load('upsert', 'Account', `ERP_Id__c,Name\n${rows}`, 'ERP_Id__c')
    expect(account.rows).toMatchObject({ read: 450, accepted: 450 })
    expect(service.count('POST', /Soap/)).toBe(3)
    expect(
      await query("SELECT Name FROM Account WHERE ERP_Id__c IN ('K-49', 'K-50') ORDER BY ERP_Id__c"),
    ).toMatchObject([{ Name: 'Name 449' }, { Name: 'Name 250' }])
  })

  it('cuts calls by the size of their rows', async () => {
    const { load, service } = await openOrgByApi('soap')
    const note = 'Zoë 漢字 🧾 '.repeat(3_000)
    const rows = Array.from({ length: 199 }, (_, row) => `Name ${row},${note}\n`).join('')
    const { account } = await load('insert', 'Account', `Name,Description\n${rows}`)
    expect(account.rows).toMatchObject({ read: 199, accepted: 199 })
    expect(service.count('POST', /Soap/)).toBe(2)
  })

  it.each([
    ['update', 'Id,Name\n%,Changed\n'],
    ['delete', 'Id\n%\n'],
  ] as const)('%s is carried out once although its answer is lost', async (operation, csv) => {
    const { load, query, service } = await openOrgByApi('soap')
    const [{ sf__Id: id = '' } = {}] = rowsOf((await load('insert', 'Account', 'Name\nFirst\n')).success)
    service.faults.add([{ method: 'POST', path: '/services/Soap', drop: 'after' }])
    const { account, success } = await load(operation, 'Account', csv.replace('%', id))
    expect(account.rows).toMatchObject({ read: 1, accepted: 1 })
    expect(rowsOf(success)).toMatchObject([{ sf__Id: id, sf__Created: 'false' }])
    expect(await query('SELECT Name FROM Account')).toMatchObject(operation === 'delete' ? [] : [{ Name: 'Changed' }])
  })

  it('tells of keys that stand twice in a call', async () => {
    const { load } = await openOrgByApi('soap')
    const twice = await load('upsert', 'Account', 'ERP_Id__c,Name\nA,One\nA,Two\n', 'ERP_Id__c')
    expect(twice.account.rows).toMatchObject({ read: 2, accepted: 0, rejected: 2 })
  })
})
