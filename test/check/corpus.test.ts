import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { run } from '../support/run.ts'
import { corpusOf, describedObject, toCsv } from './corpus.ts'
import { describedVisit, visitsFolder } from './visits.ts'

/** Reasons of the org that nobody can know from a description: its records, and its rules. */
const knownToTheOrgAlone =
  /^(?:DUPLICATE_VALUE|FIELD_CUSTOM_VALIDATION_EXCEPTION|INVALID_CROSS_REFERENCE_KEY|DUPLICATE_USERNAME|ENTITY_IS_DELETED)/

/** Rows that were held back so far. */
let bad = 0

describe('10,000 bad rows, and good ones among them', () => {
  it.each([
    ['Account', 3000],
    ['Contact', 2000],
    ['Lead', 2000],
    ['Opportunity', 1500],
    ['Invoice__c', 3000],
  ])(
    'to insert in %s: what the check says is what the org says',
    async (object, rows) => {
      const { header, lines } = corpusOf(describedObject(object), 'createable', rows)
      await compare(`insert ${object}`, toCsv([header, ...lines]), rows, startTestOrg, startTestOrg)
    },
    240_000,
  )

  it('of an object with record types: which values a picklist has hangs on another column, or on the user', async () => {
    const { header, lines } = corpusOf(describedVisit(), 'createable', 1000)
    const start = () => startTestOrg({ objectsFolder: visitsFolder() })
    const reasons = await compare('insert Visit__c', toCsv([header, ...lines]), 1000, start, start)
    const withKnownValue =
      /bad value for restricted picklist field: (?:EMEA|AMER|APAC|Urgent|Export|Recurring|Disputed):/
    expect(reasons.filter((reason) => withKnownValue.test(reason)).length).toBeGreaterThan(50)
  }, 240_000)

  it('to update: nulls of fields that must have a value, and Ids that are none', async () => {
    const { header, lines } = corpusOf(describedObject('Lead'), 'updateable', 600)
    const ids = Array.from({ length: 600 }, (_, number) => number)
    const start = async () => {
      const org = await startTestOrg()
      const leads = ids.map((number) => `Lead ${number},Acme\n`).join('')
      await load(org, 'insert Lead', `LastName,Company\n${leads}`)
      return org
    }
    const org = await start()
    const answer = await org.call('GET', 'query?q=SELECT+Id+FROM+Lead+ORDER+BY+Id')
    const { records } = (await answer.json()) as { readonly records: readonly { readonly Id: string }[] }
    const known = records.map(({ Id }) => Id)
    const bad = ['003000000000000AAA', 'x', known[0]!.slice(0, 17), known[1]!.toLowerCase().replace(/...$/, 'zzz')]
    const rows = lines.map((cells, line) => [line % 20 === 0 ? bad[(line / 20) % 4]! : known[line]!, ...cells])
    await compare('update Lead', toCsv([['Id', ...header], ...rows]), 600, async () => org, start)
  }, 240_000)

  it('are so many', () => {
    expect(bad).toBeGreaterThan(10_000)
  })
})

async function compare(
  line: string,
  csv: string,
  rows: number,
  first: () => Promise<TestOrg>,
  second: () => Promise<TestOrg>,
): Promise<readonly string[]> {
  const checked = await load(await first(), line, csv)
  const unchecked = await load(await second(), `${line} --no-check`, csv)
  const differing = [...unchecked].filter(([line, reason]) => {
    const said = checked.get(line)
    const isSame = said?.split(':')[0] === reason.split(':')[0]
    return said !== `LOCAL:${reason}` && !(knownToTheOrgAlone.test(reason) && isSame)
  })
  expect(differing.map(([line, reason]) => ({ line, reason, said: checked.get(line) })).slice(0, 5)).toEqual([])
  expect(checked.size).toBe(unchecked.size)
  const local = [...checked.values()].filter((reason) => reason.startsWith('LOCAL:')).length
  expect(local).toBeLessThan(rows * 0.98)
  bad += local
  return [...checked.values()]
}

/** The reasons of the rows that are rejected, by their lines. */
async function load(org: TestOrg, line: string, csv: string): Promise<ReadonlyMap<string, string>> {
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const { files } = await run(`${line} rows.csv --api bulk -q --success none`, { env, files: { 'rows.csv': csv } })
  const rejects: readonly Record<string, string>[] = parse(files['rows.errors.csv'] ?? '', { columns: true })
  return new Map(rejects.map(({ sf__Line = '', sf__Error = '' }) => [sf__Line, sf__Error]))
}
