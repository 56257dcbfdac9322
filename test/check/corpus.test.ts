import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { run } from '../support/run.ts'
import { corpusOf } from './corpus.ts'

/** Reasons of the org that nobody can know from a description: its records, and its rules. */
const knownToTheOrgAlone =
  /^(?:DUPLICATE_VALUE|FIELD_CUSTOM_VALIDATION_EXCEPTION|INVALID_CROSS_REFERENCE_KEY|DUPLICATE_USERNAME|ENTITY_IS_DELETED)/

describe('10,000 rows of good and bad cells', () => {
  it.each([
    ['Account', 3000],
    ['Contact', 1500],
    ['Lead', 1500],
    ['Opportunity', 1000],
    ['Invoice__c', 3000],
  ])(
    'of %s: what the check says is what the org says',
    async (object, rows) => {
      const { csv } = corpusOf(object, rows)
      const checked = await load(`insert ${object} rows.csv`, csv)
      const unchecked = await load(`insert ${object} rows.csv --no-check`, csv)

      expect(checked.rejects.size).toBe(unchecked.rejects.size)
      const differing = [...unchecked.rejects].filter(([line, reason]) => {
        const said = checked.rejects.get(line)
        return (
          said !== `LOCAL:${reason}` &&
          !(knownToTheOrgAlone.test(reason) && said?.split(':')[0] === reason.split(':')[0])
        )
      })
      expect(
        differing.map(([line, reason]) => ({ line, reason, said: checked.rejects.get(line) })).slice(0, 5),
      ).toEqual([])
      const local = [...checked.rejects.values()].filter((reason) => reason.startsWith('LOCAL:')).length
      expect(local).toBeGreaterThan(rows / 4)
      expect(local).toBeLessThan((rows * 3) / 4)
    },
    120_000,
  )
})

async function load(line: string, csv: string): Promise<{ readonly rejects: ReadonlyMap<string, string> }> {
  const org = await startTestOrg()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const { code, files } = await run(`${line} --api bulk -q --success none`, { env, files: { 'rows.csv': csv } })
  expect(code).toBe(3)
  const rejects: readonly Record<string, string>[] = parse(files['rows.errors.csv'] ?? '', { columns: true })
  return { rejects: new Map(rejects.map(({ sf__Line = '', sf__Error = '' }) => [sf__Line, sf__Error])) }
}
