import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteCell } from '../../src/csv/cells.ts'
import { findUnwritable } from '../../src/org/xml-text.ts'
import { rowsOf } from '../load/load-in-memory.ts'
import { invoiceCsv } from './invoices.ts'
import { type Loaded, type OrgByApi, openOrgByApi } from './load-by-api.ts'

/** What a load comes to. */
interface Files {
  readonly accepted: number
  readonly rejected: number
  readonly success: string
  readonly errors: string
}

describe('one CSV, sent by SOAP and by the Bulk API', () => {
  it('is inserted, updated, upserted and deleted alike', async () => {
    const bulk = await openOrgByApi('bulk')
    const soap = await openOrgByApi('soap')
    const accountId = await prepare(bulk)
    expect(await prepare(soap)).toBe(accountId)

    const inserted = await both(
      bulk,
      soap,
      'insert',
      invoiceCsv({ accountId, key: { Invoice_Number__c: (row) => `N-${row}` }, rows: 150 }),
    )
    expect(inserted.soap).toMatchObject({ accepted: 129, rejected: 23 })
    expect(inserted.soap).toEqual(inserted.bulk)
    await compareRecords(bulk, soap)

    const ids = idsOf(inserted.bulk.success, 'Invoice_Number__c')
    const changes = invoiceCsv({
      accountId,
      key: { Id: (row) => ids.get(`N-${row}`) ?? `a00${row}` },
      rows: 150,
      shift: 1,
    })
    const updated = await both(bulk, soap, 'update', changes)
    expect(updated.soap).toMatchObject({ accepted: 129, rejected: 23 })
    expect(updated.soap).toEqual(updated.bulk)
    await compareRecords(bulk, soap)

    const mixed = invoiceCsv({ accountId, key: { Invoice_Number__c: numberOf }, rows: 150, shift: 2, first: 75 })
    const upserted = await both(bulk, soap, 'upsert', mixed, 'Invoice_Number__c')
    expect(upserted.soap).toMatchObject({ accepted: 127, rejected: 25 })
    expect(upserted.soap).toEqual(withoutIds(upserted.bulk))
    await compareRecords(bulk, soap)

    const doomed = [
      'Id',
      ...[...ids.values()].slice(0, 60),
      ids.get('N-0'),
      'a00',
      'a00999999999999AAA',
      '""',
      '',
    ].join('\n')
    const deleted = await both(bulk, soap, 'delete', doomed)
    expect(deleted.soap).toMatchObject({ accepted: 60, rejected: 4 })
    expect(deleted.soap).toEqual(deleted.bulk)
    await compareRecords(bulk, soap)
  })
})

describe('Ids of records', () => {
  it('may be empty in an upsert, short, unknown or null, by either API', async () => {
    const bulk = await openOrgByApi('bulk')
    const soap = await openOrgByApi('soap')
    await prepare(bulk)
    await prepare(soap)
    const [first = '', second = '', third = ''] = await invoiceIds(bulk)
    const rows = [
      `${first},One`,
      ',New',
      `${second.slice(0, 15)},Two`,
      '#N/A,Null',
      'a00,Bad',
      `a00999999999999AAA,Lost`,
    ]
    const upserted = await both(bulk, soap, 'upsert', ['Id,Name', ...rows, ''].join('\n'), 'Id')
    expect(upserted.soap).toEqual(upserted.bulk)
    const updated = await both(bulk, soap, 'update', ['Id,Name', ...rows, `${third.slice(0, 15)},#N/A`, ''].join('\n'))
    expect(updated.soap).toEqual(updated.bulk)
    await compareRecords(bulk, soap)
  })
})

describe('texts', () => {
  it('of blanks empty their fields alike', async () => {
    const bulk = await openOrgByApi('bulk')
    const soap = await openOrgByApi('soap')
    await prepare(bulk)
    await prepare(soap)
    const names = [
      'Notes__c',
      'Amount__c',
      'Issued_On__c',
      'Paid_At__c',
      'Region__c',
      'Parent_Invoice__r.Invoice_Number__c',
    ]
    const header = `Invoice_Number__c,Name,${names.join(',')}`
    const full = 'K,Full,note,1,2026-01-01,2026-01-01T00:00:00Z,EMEA,P-1'
    const rows = [...names, 'none'].map(
      (blank) => `K,Blank,${names.map((name) => (name === blank ? ' ' : '')).join(',')}`,
    )
    for (const row of [full, ...rows, `K, ${','.repeat(6)}`, ` ,No key${','.repeat(6)}`]) {
      const upserted = await both(bulk, soap, 'upsert', `${header}\n${row}\n`, 'Invoice_Number__c')
      expect(upserted.soap).toEqual(withoutIds(upserted.bulk))
      await compareRecords(bulk, soap)
    }
  })

  it('of any kind reach the record alike', async () => {
    const bulk = await openOrgByApi('bulk')
    const soap = await openOrgByApi('soap')
    const texts = fc
      .sample(fc.string({ unit: 'binary', maxLength: 300 }), 190)
      .filter((text) => findUnwritable(text) === undefined)
    const rows = texts.map((text, row) => `Row ${row},${quoteCell(text, ',')}\n`)
    const inserted = await both(bulk, soap, 'insert', `Name,Notes__c\n${rows.join('')}`)
    expect(inserted.soap).toEqual(inserted.bulk)
    expect(inserted.soap).toMatchObject({ accepted: texts.length, rejected: 0 })
    await compareRecords(bulk, soap)
  })
})

async function invoiceIds({ query }: OrgByApi): Promise<readonly string[]> {
  const rows = await query('SELECT Id FROM Invoice__c ORDER BY Id')
  return rows.map(({ Id }) => String(Id))
}

/** Gives an org what the rows refer to: the Id of an account. */
async function prepare({ load }: OrgByApi): Promise<string> {
  const account = await load('insert', 'Account', 'Name\nParent\n')
  await load(
    'insert',
    'Invoice__c',
    'Name,Invoice_Number__c,External_Code__c\nFirst,P-1,TAKEN\nSecond,P-2,FREE\nThird,N-3,C-3\n',
  )
  return idsOf(account.success, 'Name').get('Parent') ?? ''
}

async function both(bulk: OrgByApi, soap: OrgByApi, ...load: [Parameters<OrgByApi['load']>[0], string, string?]) {
  const [operation, csv, externalId] = load
  const results = await Promise.all([bulk, soap].map((each) => each.load(operation, 'Invoice__c', csv, externalId)))
  const [byBulk, bySoap] = results.map(filesOf)
  return { bulk: byBulk!, soap: bySoap! }
}

function filesOf({ success, errors, account }: Loaded): Files {
  const { read, accepted, rejected } = account.rows
  expect(read).toBe(accepted + rejected)
  return { accepted, rejected, success: success ?? '', errors: errors ?? '' }
}

async function compareRecords(bulk: OrgByApi, soap: OrgByApi): Promise<void> {
  const fields = (await bulk.org.describe('Invoice__c')).fields
    .map(({ name }) => name)
    .filter((name) => !/Date$|Modstamp$/.test(name))
  const soql = `SELECT ${fields.join(', ')} FROM Invoice__c ORDER BY Id`
  expect(await soap.query(soql)).toEqual(await bulk.query(soql))
}

/** The numbers from 75 on, of which one stands twice: half of the invoices are there, half are new. */
function numberOf(row: number): string {
  return `N-${row === 100 ? 174 : row + 75}`
}

/** SOAP does not say which record it would have updated by an external ID; Bulk API 2.0 does. */
function withoutIds({ errors, ...files }: Files): Files {
  return { ...files, errors: errors.replace(/^(.*),a00\w{15},/gm, '$1,,') }
}

/** Ids of the accepted rows by a column of theirs. */
function idsOf(success: string | undefined, column: string): ReadonlyMap<string, string> {
  return new Map(rowsOf(success).map((row) => [row[column] ?? '', row.sf__Id ?? '']))
}
