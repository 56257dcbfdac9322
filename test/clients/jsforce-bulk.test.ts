import jsforce from 'jsforce'
import { describe, expect, it } from 'vitest'
import type { OrgOptions } from '../../src/local-org/org-options.ts'
import { startTestOrg } from '../support/org.ts'

type Load = Parameters<jsforce.Connection['bulk2']['loadAndWaitForResults']>[0]

describe("jsforce's loadAndWaitForResults", () => {
  it('inserts, with rejects', async () => {
    const { load, read } = await start([])
    const { accepted, rejected } = await load({
      object: 'Account',
      operation: 'insert',
      input: [
        { ERP_Id__c: 'A1', Name: 'Ada, "the" first', NumberOfEmployees: 912 },
        { ERP_Id__c: 'A2', Name: 'x'.repeat(300), NumberOfEmployees: 1 },
        { ERP_Id__c: 'A3', Name: 'Two\nlines', NumberOfEmployees: 2 },
      ],
    })
    expect(accepted).toMatchObject([
      { ERP_Id__c: 'A1', sf__Created: 'true', sf__Id: expect.stringMatching(/^001.{15}$/) },
      { ERP_Id__c: 'A3', sf__Created: 'true', sf__Id: expect.stringMatching(/^001.{15}$/) },
    ])
    expect(rejected).toMatchObject([
      {
        ERP_Id__c: 'A2',
        sf__Id: '',
        sf__Error: expect.stringMatching(/^STRING_TOO_LONG:.*\(max length=255\):Name --$/),
      },
    ])
    expect(await read()).toEqual({ A1: 'Ada, "the" first', A3: 'Two\nlines' })
  })

  it('updates by Id, with rejects', async () => {
    const { load, read, id } = await start(['A1', 'A2'])
    const { accepted, rejected } = await load({
      object: 'Account',
      operation: 'update',
      input: [
        { Id: id, Name: 'Changed' },
        { Id: '001000000000000AAA', Name: 'Nowhere' },
        { Id: 'nonsense', Name: 'Nobody' },
      ],
    })
    expect(accepted).toMatchObject([{ sf__Id: id, sf__Created: 'false', Name: 'Changed' }])
    expect(rejected.map(({ Name, sf__Error }) => [Name, sf__Error.split(':')[0]])).toEqual([
      ['Nobody', 'MALFORMED_ID'],
      ['Nowhere', 'INVALID_CROSS_REFERENCE_KEY'],
    ])
    expect(await read()).toEqual({ A1: 'Changed', A2: 'A2' })
  })

  it('upserts by external ID, with rejects', async () => {
    const { load, read, id } = await start(['A1'])
    const { accepted, rejected } = await load({
      object: 'Account',
      operation: 'upsert',
      externalIdFieldName: 'ERP_Id__c',
      input: [
        { ERP_Id__c: 'A1', Name: 'Changed' },
        { ERP_Id__c: 'A2', Name: 'New' },
        { ERP_Id__c: 'A3', Name: '' },
      ],
    })
    expect(accepted).toMatchObject([
      { ERP_Id__c: 'A1', sf__Created: 'false', sf__Id: id },
      { ERP_Id__c: 'A2', sf__Created: 'true' },
    ])
    expect(rejected).toMatchObject([{ ERP_Id__c: 'A3', sf__Error: expect.stringMatching(/^REQUIRED_FIELD_MISSING:/) }])
    expect(await read()).toEqual({ A1: 'Changed', A2: 'New' })
  })

  it.each([
    { operation: 'delete', inRecycleBin: ['A1'] },
    { operation: 'hardDelete', inRecycleBin: [] },
  ] as const)('runs $operation by Id, with rejects', async ({ operation, inRecycleBin }) => {
    const { load, read, connection, id } = await start(['A1', 'A2'])
    const input = [{ Id: id }, { Id: id.replace('001', '003') }]
    const { accepted, rejected } = await load({ object: 'Account', operation, input })
    expect(accepted).toMatchObject([{ sf__Id: id, sf__Created: 'false' }])
    expect(rejected).toHaveLength(1)
    expect(await read()).toEqual({ A2: 'A2' })
    const gone = await connection.query('SELECT ERP_Id__c FROM Account WHERE IsDeleted = true', { scanAll: true })
    expect(gone.records.map(({ ERP_Id__c }) => ERP_Id__c)).toEqual(inRecycleBin)
  })

  it('is refused a hard delete that the user may not do', async () => {
    const { load, id } = await start(['A1'], { hardDelete: false })
    await expect(load({ object: 'Account', operation: 'hardDelete', input: [{ Id: id }] })).rejects.toThrow(
      'hardDelete operation requires special user profile permission',
    )
  })

  it('is told of a column that is no field: no row is processed', async () => {
    const { load, read } = await start([])
    const input = [{ Name: 'Ada', Colour: 'red' }]
    await expect(load({ object: 'Account', operation: 'insert', input })).rejects.toThrow(
      'InvalidBatch : Field name not found : Colour',
    )
    expect(await read()).toEqual({})
  })
})

/** Connects to an org that has an account for each key, named as its key. */
async function start(keys: readonly string[], options: Partial<OrgOptions> = {}) {
  const org = await startTestOrg(options)
  const connection = new jsforce.Connection({ instanceUrl: org.url, accessToken: org.accessToken, version: '66.0' })
  connection.bulk2.pollInterval = 20
  const created = await connection.sobject('Account').create(keys.map((key) => ({ ERP_Id__c: key, Name: key })))
  const [id = ''] = created.map((result) => result.id ?? '')
  return {
    connection,
    /** Of the first account. */
    id,
    /** Names of all accounts by their keys. */
    async read(): Promise<Record<string, string>> {
      const { records } = await connection.query('SELECT ERP_Id__c, Name FROM Account')
      return Object.fromEntries(records.map(({ ERP_Id__c, Name }) => [ERP_Id__c, Name]))
    },
    /** Results come in any order: here they are sorted by key or name. */
    async load(options: Load) {
      const results = await connection.bulk2.loadAndWaitForResults(options)
      expect(results.unprocessedRecords).toEqual([])
      return { accepted: sortRows(results.successfulResults), rejected: sortRows(results.failedResults) }
    },
  }
}

type Row = Record<'ERP_Id__c' | 'Name' | 'sf__Error', string>

function sortRows(rows: unknown): Row[] {
  const keyOf = ({ ERP_Id__c, Name }: Row) => ERP_Id__c ?? Name ?? ''
  return (rows as Row[]).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}
