import { describe, expect, it } from 'vitest'
import {
  type KillMoment,
  type Remains,
  readRecords,
  runKilled,
  runUndisturbed,
  type Work,
} from '../faults/kill-and-resume.ts'
import type { TestOrg } from '../support/org.ts'

const rows = Number(process.env.SOAK_KILL_ROWS ?? 50_000)
/** Of all operations together. */
const kills = Number(process.env.SOAK_KILLS ?? 200)

function contacts(mark: string): string {
  const lines = Array.from({ length: rows }, (_, row) => `K-${row},${mark} ${row},"street ${row}\nback house"\n`)
  return `ERP_Id__c,LastName,MailingStreet\n${lines.join('')}`
}

const soql = 'SELECT ERP_Id__c, LastName, MailingStreet FROM Contact'
const seed = { line: 'insert Contact seed.csv --api bulk', files: { 'seed.csv': contacts('Old') } }
const seeded = async (org: TestOrg) => {
  const records = await readRecords(org, 'SELECT Id FROM Contact ORDER BY ERP_Id__c')
  return { 'c.csv': `Id,LastName\n${records.map(({ Id }, number) => `${Id},Renamed ${number}\n`).join('')}` }
}
const size = `--job-bytes ${Math.ceil((rows * 40) / 6)}`
const works: readonly (readonly [string, Work])[] = [
  ['insert', { line: `insert Contact c.csv ${size}`, files: { 'c.csv': contacts('New') }, soql }],
  ['upsert', { line: `upsert Contact c.csv -i ERP_Id__c ${size}`, files: { 'c.csv': contacts('New') }, soql, seed }],
  ['update', { line: `update Contact c.csv ${size}`, files: seeded, soql, seed }],
  ['delete', { line: `delete Contact c.csv ${size}`, files: seeded, soql, seed }],
]

describe.each(works)(`${rows} rows, %s,`, (name, work) => {
  let undisturbed: Promise<Remains> | undefined

  it.each(chooseMoments(name, Math.ceil(kills / works.length)))('killed and resumed (%j)', async (moment) => {
    undisturbed ??= runUndisturbed(work)
    const { kills: _, ...remains } = await runKilled(work, [moment])
    expect(remains).toEqual(await undisturbed)
  })
})

/** The same instants each time, different ones for each operation. */
function chooseMoments(name: string, count: number): readonly KillMoment[] {
  let state = name.length * 7919 + (name.codePointAt(0) ?? 0)
  const next = (most: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31
    return 1 + Math.floor((state / 2 ** 31) * most)
  }
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? { requests: next(60) } : { entries: next(50) }))
}
