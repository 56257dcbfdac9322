import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { extract, load, query } from '../../src/library/library.ts'
import { startTestOrg } from '../support/org.ts'
import { privateFolder } from '../support/run.ts'

async function setting() {
  const org = await startTestOrg()
  const folder = privateFolder()
  const environment = {
    SF_ACCESS_TOKEN: org.accessToken,
    SF_INSTANCE_URL: org.url,
    SFBULK_HOME: `${folder}.home`,
  }
  return { folder, environment }
}

describe('the library', () => {
  it('loads a stream of CSV and returns the account, with its events on the way', async () => {
    const tools = await setting()
    const types: string[] = []
    const account = await load({
      operation: 'insert',
      sobject: 'Lead',
      input: Readable.from(['LastName,Company\n', 'A,One\nB,\n']),
      options: { success: 'none', api: 'bulk' },
      onEvent: ({ type }) => types.push(type),
      ...tools,
    })
    expect(account).toMatchObject({ rows: { read: 2, accepted: 1, rejected: 1 }, exitCode: 3 })
    expect(types).toEqual(expect.arrayContaining(['started', 'written']))
  })

  it('gives the rows of a query one after the other, typed', async () => {
    const tools = await setting()
    const input = Readable.from(['LastName,Company,NumberOfEmployees\nA,One,5\n"B, C",Two,\n'])
    await load({ operation: 'insert', sobject: 'Lead', input, options: { success: 'none' }, ...tools })
    const soql = 'SELECT LastName, NumberOfEmployees FROM Lead ORDER BY LastName'
    const rows = []
    for await (const row of query({ soql, ...tools })) rows.push(row)
    expect(rows).toEqual([
      { LastName: 'A', NumberOfEmployees: 5 },
      { LastName: 'B, C', NumberOfEmployees: null },
    ])
    for await (const row of query({ soql, ...tools })) {
      expect(row.LastName).toBe('A')
      break
    }
    const output = `${tools.folder}/leads.csv`
    expect(await extract({ soql, options: { output }, ...tools })).toMatchObject({ rows: 2, files: { output } })
  })

  it('takes relative paths against its folder', async () => {
    const tools = await setting()
    writeFileSync(join(tools.folder, 'leads.csv'), 'LastName,Company\nA,One\n')
    const account = await load({ operation: 'insert', sobject: 'Lead', input: 'leads.csv', ...tools })
    expect(account.files).toEqual({ success: 'leads.success.csv', errors: null })
    const soql = 'SELECT LastName FROM Lead'
    const result = await extract({ soql, options: { output: 'rows.csv' }, ...tools })
    expect(result.files).toEqual({ output: 'rows.csv' })
    expect(readdirSync(tools.folder).sort()).toEqual(['leads.csv', 'leads.success.csv', 'rows.csv'])
  })

  it('throws an error with a code, a hint and an exit code where there is no account', async () => {
    const tools = await setting()
    const input = Readable.from(['LastName\nA\n'])
    const loading = load({ operation: 'insert', sobject: 'Leed', input, ...tools })
    await expect(loading).rejects.toMatchObject({ exitCode: 2, hint: expect.stringContaining('Lead') })
    const reading = query({ soql: 'SELECT Nothing FROM Lead', ...tools }).next()
    await expect(reading).rejects.toMatchObject({ exitCode: 2 })
  })
})
