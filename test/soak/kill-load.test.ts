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

const parents = { line: 'insert Account seed.csv --api bulk', files: { 'seed.csv': 'Name\nOne\nTwo\n' } }
/** A fiftieth of the rows: each one is a file. */
const bodies = Math.ceil(rows / 50)
const attachWork: Work = {
  line: 'attach list.csv',
  seed: parents,
  async files(org) {
    const ids = (await readRecords(org, 'SELECT Id FROM Account ORDER BY Name')).map(({ Id }) => String(Id))
    const list = Array.from({ length: bodies }, (_, i) => `${ids[i % 2]},file ${i},f${i % 50}\n`)
    const files = Array.from({ length: 50 }, (_, i) => [`f${i}`, `body ${i} `.repeat(200 * (i + 1))])
    return { ...Object.fromEntries(files), 'list.csv': `ParentId,Name,Body_FileURL\n${list.join('')}` }
  },
  soql: 'SELECT Parent.Name, Name, BodyLength FROM Attachment',
}
const fileWork: Work = {
  ...attachWork,
  line: 'attach list.csv --as file',
  async files(org) {
    const ids = (await readRecords(org, 'SELECT Id FROM Account ORDER BY Name')).map(({ Id }) => String(Id))
    const list = Array.from({ length: bodies }, (_, i) => `file ${i},f${i % 50},${ids.join(';')}\n`)
    const files = Array.from({ length: 50 }, (_, i) => [`f${i}`, `body ${i} `.repeat(200 * (i + 1))])
    return { ...Object.fromEntries(files), 'list.csv': `Title,VersionData,LinkedEntityId\n${list.join('')}` }
  },
  soql: 'SELECT ContentDocument.Title, LinkedEntity.Name FROM ContentDocumentLink',
}

describe.each<readonly [string, Work]>([
  ...works,
  ['attach', attachWork],
  ['attach as file', fileWork],
])(`${rows} rows, %s,`, (name, work) => {
  const count = Math.ceil(kills / 4)
  let undisturbed: ReturnType<typeof followUndisturbed> | undefined

  it.each(chooseInstants(name, count))('killed by its %s at %f of its course, and resumed', async (kind, part) => {
    undisturbed ??= followUndisturbed(work)
    const { remains, course } = await undisturbed
    // One that was too fast to be killed is killed earlier.
    for (let early = part, killed = 0; killed === 0; early *= 0.7) {
      const { kills: times, ...left } = await runKilled(work, [momentAt(kind, early, course)])
      expect(left).toEqual(remains)
      killed = times
    }
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
