import { describe, expect, it } from 'vitest'
import { type KillMoment, type Remains, runKilled, runUndisturbed, type Work } from './kill-and-resume.ts'

const rows = 900

/** Some rows are rejected: those whose email is none. */
function contacts(mark: string): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const email = row % 101 === 50 ? 'no address' : `${mark}${row}@example.com`
    return `C-${row},Contact ${mark} ${row},${email},"street ${row}\nback house"`
  })
  return `ERP_Id__c,LastName,Email,MailingStreet\n${lines.join('\n')}\n`
}

const soql = 'SELECT ERP_Id__c, LastName, Email, MailingStreet FROM Contact'
const seed = {
  line: 'insert Contact seed.csv --api bulk',
  files: { 'seed.csv': contacts('old').replaceAll('no address', '') },
}

/** Jobs that are filled by an upload, and small ones that come with their rows. */
const works: readonly (readonly [string, Work])[] = [
  ['insert', { line: 'insert Contact c.csv --job-bytes 21000', files: { 'c.csv': contacts('new') }, soql }],
  [
    'insert in small jobs',
    { line: 'insert Contact c.csv --job-bytes 9000', files: { 'c.csv': contacts('new') }, soql },
  ],
  [
    'upsert',
    { line: 'upsert Contact c.csv -i ERP_Id__c --job-bytes 21000', files: { 'c.csv': contacts('new') }, soql, seed },
  ],
]

describe.each(works)('%s, killed and resumed,', (_, work) => {
  let undisturbed: Promise<Remains> | undefined

  it.each<readonly [string, readonly KillMoment[]]>([
    ['after its first request', [{ requests: 2 }]],
    ['in the middle', [{ requests: 9 }]],
    ['again and again', [{ requests: 6 }, { entries: 16 }, { entries: 26 }]],
  ])('%s ends as if nothing had happened', async (_, moments) => {
    undisturbed ??= runUndisturbed(work)
    const { kills, ...remains } = await runKilled(work, moments)
    expect(kills).toBeGreaterThan(0)
    expect(remains).toEqual(await undisturbed)
  })
})
