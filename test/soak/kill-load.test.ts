import { describe, expect, it } from 'vitest'
import {
  type Course,
  followUndisturbed,
  type KillMoment,
  readRecords,
  runKilled,
  type Work,
} from '../faults/kill-and-resume.ts'
import type { TestOrg } from '../support/org.ts'

const rows = Number(process.env.SOAK_KILL_ROWS ?? 50_000)
/** Of all loads together; a quarter of it for each other command. */
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
  [
    'query',
    {
      line: `query "SELECT Id, ERP_Id__c, LastName, MailingStreet FROM Contact" --api bulk --output rows.csv`,
      files: {},
      soql: 'SELECT COUNT() FROM Contact',
      seed,
      org: { pageRows: Math.ceil(rows / 7) },
    },
  ],
]

describe.each(works)(`${rows} rows, %s,`, (name, work) => {
  const count = Math.ceil(kills / 4)
  let undisturbed: ReturnType<typeof followUndisturbed> | undefined
  let died = 0

  it.each(chooseInstants(name, count))('killed by its %s at %f of its course, and resumed', async (kind, part) => {
    undisturbed ??= followUndisturbed(work)
    const { remains, course } = await undisturbed
    const { kills: killed, ...left } = await runKilled(work, [momentAt(kind, part, course)])
    expect(left).toEqual(remains)
    died += killed
  })

  it('really died nearly each time', () => {
    expect(died).toBeGreaterThanOrEqual(Math.floor(count * 0.8))
    expect(died).toBeGreaterThan(0)
  })
})

/** Instants by chance, the same ones each time but for what the machine makes of times. */
function chooseInstants(name: string, count: number): readonly (readonly [keyof Course, number])[] {
  let state = name.length * 7919 + (name.codePointAt(0) ?? 0)
  const next = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31
    return Math.round((state / 2 ** 31) * 1000) / 1000
  }
  const kinds = ['requests', 'entries', 'milliseconds'] as const
  return Array.from({ length: count }, (_, index) => [kinds[index % kinds.length]!, next()] as const)
}

function momentAt(kind: keyof Course, part: number, { requests, entries, milliseconds }: Course): KillMoment {
  if (kind === 'requests') return { requests: 1 + Math.floor(part * (requests - 1)) }
  if (kind === 'entries') return { entries: 1 + Math.floor(part * (entries - 1)) }
  // What is left of the time is the end of a process that has done its work.
  return { milliseconds: Math.floor(part * 0.95 * milliseconds) }
}
