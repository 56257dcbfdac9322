import { describe, expect, it } from 'vitest'
import type { TestOrg } from '../support/org.ts'
import { type KillMoment, readRecords, runKilled, runUndisturbed, type Work } from './kill-and-resume.ts'

const rows = 900

/** Some rows are rejected: those whose email is none. */
function contacts(mark: string): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const email = row % 101 === 50 ? 'no address' : `${mark}${row}@example.com`
    return `C-${row},Contact ${mark} ${row},${email},"street ${row}\nback house"`
  })
  return `ERP_Id__c,LastName,Email,MailingStreet\n${lines.join('\n')}\n`
}

/** No column tells all rows apart, and some rows nothing does. */
function alike(): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const name = `Contact ${row % 100 < 90 ? row : row - 50}`
    return `${name},${row % 101 === 50 ? 'no address' : `m${row % 300}@example.com`},"street ${row % 450}\nback house"`
  })
  return `LastName,Email,MailingStreet\n${lines.join('\n')}\n`
}

const soql = 'SELECT ERP_Id__c, LastName, Email, MailingStreet FROM Contact'
const seed = {
  line: 'insert Contact seed.csv --api bulk',
  files: { 'seed.csv': contacts('old').replaceAll('no address', '') },
}

const seeded = async (org: TestOrg, columns: string, row: (id: string, number: number) => string) => {
  const records = await readRecords(org, 'SELECT Id FROM Contact ORDER BY ERP_Id__c')
  return `${columns}\n${records.map(({ Id }, number) => row(String(Id), number)).join('\n')}\n`
}
const updates = async (org: TestOrg) => ({
  'c.csv': await seeded(org, 'Id,LastName', (id, number) => `${id},${number % 97 === 5 ? '' : `Renamed ${number}`}`),
})
const ids = async (org: TestOrg) => ({ 'c.csv': await seeded(org, 'Id,Note', (id, number) => `${id},note ${number}`) })

/** Jobs that are filled by an upload, small ones that come with their rows, and calls. */
const works: readonly (readonly [string, Work])[] = [
  ['insert', { line: 'insert Contact c.csv --job-bytes 21000', files: { 'c.csv': contacts('new') }, soql }],
  [
    'insert in small jobs',
    { line: 'insert Contact c.csv --job-bytes 9000', files: { 'c.csv': contacts('new') }, soql },
  ],
  [
    'insert of rows that are alike',
    { line: 'insert Contact c.csv --job-bytes 21000', files: { 'c.csv': alike() }, soql },
  ],
  [
    'upsert',
    { line: 'upsert Contact c.csv -i ERP_Id__c --job-bytes 21000', files: { 'c.csv': contacts('new') }, soql, seed },
  ],
  ['update', { line: 'update Contact c.csv --job-bytes 9000 --empty-as-null', files: updates, soql, seed }],
  ['delete', { line: 'delete Contact c.csv --job-bytes 9000', files: ids, soql, seed }],
  ['insert by SOAP', { line: 'insert Contact c.csv --api soap', files: { 'c.csv': contacts('new') }, soql }],
  [
    'upsert by SOAP',
    { line: 'upsert Contact c.csv -i ERP_Id__c --api soap', files: { 'c.csv': contacts('new') }, soql },
  ],
  ['update by SOAP', { line: 'update Contact c.csv --api soap --empty-as-null', files: updates, soql, seed }],
  ['delete by SOAP', { line: 'delete Contact c.csv --api soap', files: ids, soql, seed }],
]

describe.each(works)('%s, killed and resumed,', (name, work) => {
  it.each<readonly [string, readonly KillMoment[]]>([
    ['once', [{ requests: name.endsWith('SOAP') ? 2 : 4 }]],
    ['again and again', [{ requests: 6 }, { entries: 16 }, { entries: 26 }]],
  ])('%s, ends as if nothing had happened', async (_, moments) => {
    const { kills, ...remains } = await runKilled(work, moments)
    expect(kills).toBeGreaterThan(0)
    expect(remains).toEqual(await runUndisturbed(work))
  })
})
