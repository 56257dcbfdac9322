import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'
import { homeVisit, phoneVisit, visitsFolder } from './visits.ts'

async function visitsOrg() {
  const org = await startTestOrg({ objectsFolder: visitsFolder() })
  return { org, env: { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken } }
}

function reasons(csv = '', before = 'LOCAL:'): readonly string[] {
  const rows: readonly Record<string, string>[] = parse(csv, { columns: true })
  return rows.map(({ sf__Line = '', sf__Error = '' }) => `${sf__Line} ${sf__Error.replace(before, '')}`)
}

const bad = (value: string, field = 'Region') =>
  `INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:${field}: bad value for restricted picklist field: ${value}:${field}__c --`

const visits = [
  'Name,RecordTypeId,Region__c,Tags__c',
  `a,${homeVisit},EMEA,Urgent;Export`,
  `b,${homeVisit},APAC,`,
  `c,${phoneVisit},APAC,Recurring`,
  `d,${phoneVisit.slice(0, 15)},AMER,`,
  'e,,APAC,',
  'f,,AMER,Recurring',
  'g,,Nowhere,',
  'h,,#N/A,',
  '',
].join('\n')

const refused = [
  `3 ${bad('APAC')}`,
  `5 ${bad('AMER')}`,
  `6 ${bad('APAC')}`,
  `7 ${bad('Recurring', 'Tags')}`,
  `8 ${bad('Nowhere')}`,
]

describe('picklists by record type', () => {
  it('hold back the rows that the org would refuse, with one call for each type, kept for the next run', async () => {
    const { org, env } = await visitsOrg()
    const cwd = privateFolder()
    const asked = () => org.count('GET', /picklist-values/)
    const check = await run('check insert Visit__c v.csv --json', { cwd, env, files: { 'v.csv': visits } })
    expect(reasons(check.files['v.errors.csv'])).toEqual(refused)
    expect(JSON.parse(check.stdout)).toMatchObject({ notChecked: [], rows: { read: 8, rejected: 5 } })
    expect(asked()).toBe(2)
    const load = await run('insert Visit__c v.csv --json', { cwd, env })
    expect(reasons(load.files['v.errors.csv'])).toEqual(refused)
    expect(asked()).toBe(2)
    const unchecked = await run('insert Visit__c v.csv --no-check --api bulk', { cwd, env })
    expect(reasons(unchecked.files['v.errors.csv'])).toEqual(refused)
  })

  it('are asked for where a row fills one, and not for the types of records that are there already', async () => {
    const { org, env } = await visitsOrg()
    const rows = 'Key__c,Name,Region__c\nK-1,a,APAC\n'
    await run('check insert Visit__c v.csv', { env, files: { 'v.csv': 'Name,Region__c\na,\n' } })
    await run('check upsert Visit__c v.csv -i Key__c', { env, files: { 'v.csv': rows } })
    await run('check insert Account v.csv', { env, files: { 'v.csv': 'Name,Rating\na,Hot\n' } })
    expect(org.count('GET', /picklist-values/)).toBe(0)
  })

  it('are said not to be known to a description', async () => {
    const { env } = await visitsOrg()
    const cwd = privateFolder()
    const { stdout } = await run('describe Visit__c --json', { cwd, env })
    const files = { 'visit.json': stdout, 'v.csv': visits }
    const { stderr } = await run('check insert Visit__c v.csv --describe visit.json', { cwd, files })
    expect(stderr).toContain(
      '\nNot checked:\n  picklist values of each record type: a description does not hold them\n',
    )
    expect(stderr).toContain('1 of 8 rows would be rejected')
    expect(stderr.split('\n').filter((text) => text.length > 80)).toEqual([])
  })
})

describe('fields that are set once', () => {
  it('are the fault of an upsert that would change a record, where that is known', async () => {
    const { env } = await visitsOrg()
    const cwd = privateFolder()
    await run('insert Visit__c v.csv', { cwd, env, files: { 'v.csv': 'Key__c,Name\nK-1,a\nK-3,c\n' } })
    const files = { 'w.csv': 'Key__c,Name,Origin__c\nK-1,a,web\nK-2,b,web\nK-3,c,\n' }
    const refusal = /^2 INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create\/update fields: Origin__c\..*:Origin__c --$/
    const blind = await run('check upsert Visit__c w.csv -i Key__c', { cwd, env, files })
    expect(blind.code).toBe(0)
    const online = await run('check upsert Visit__c w.csv -i Key__c --online', { cwd, env })
    expect(reasons(online.files['w.errors.csv'])).toEqual([expect.stringMatching(refusal)])
    const load = await run('upsert Visit__c w.csv -i Key__c', { cwd, env })
    expect(reasons(load.files['w.errors.csv'])).toEqual(reasons(online.files['w.errors.csv']))
    expect(load.files['w.errors.csv']).not.toContain('LOCAL:')
  })

  it('are known by the Id in an upsert by Id', async () => {
    const { env } = await visitsOrg()
    const cwd = privateFolder()
    const first = await run('insert Visit__c v.csv', { cwd, env, files: { 'v.csv': 'Name\na\n' } })
    const [{ sf__Id = '' } = {}]: readonly Record<string, string>[] = parse(first.files['v.success.csv'] ?? '', {
      columns: true,
    })
    const files = { 'w.csv': `Id,Name,Origin__c\n${sf__Id},a,web\n,b,web\n` }
    const checked = await run('check upsert Visit__c w.csv -i Id', { cwd, env, files })
    const load = await run('upsert Visit__c w.csv -i Id --no-check', { cwd, env })
    expect(reasons(checked.files['w.errors.csv'])).toHaveLength(1)
    expect(reasons(load.files['w.errors.csv'])).toEqual(reasons(checked.files['w.errors.csv']))
  })
})

describe('--only-empty', () => {
  it('accounts for each of several rows of one record, which are sent with other cells left out', async () => {
    const { env } = await visitsOrg()
    const cwd = privateFolder()
    const first = await run('insert Visit__c v.csv', { cwd, env, files: { 'v.csv': 'Name,Phone__c\na,1\nb,\n' } })
    const made: readonly Record<string, string>[] = parse(first.files['v.success.csv'] ?? '', { columns: true })
    const [a, b] = made.map(({ sf__Id }) => sf__Id)
    const rows = `Id,Phone__c,Region__c\n${a},2,EMEA\n${b},3,AMER\n${a},4,AMER\n${b},,EMEA\n`
    const { stdout, files } = await run('update Visit__c w.csv --only-empty --api bulk --json', {
      cwd,
      env,
      files: { 'w.csv': rows },
    })
    expect(JSON.parse(stdout).rows).toMatchObject({ read: 4, accepted: 4, unknown: 0 })
    expect(files['w.success.csv']).toContain(`${a},2,EMEA,${a},false\n`)
    const { stdout: now } = await run('query "SELECT Name, Phone__c FROM Visit__c ORDER BY Name"', { cwd, env })
    expect(now).toContain('"a","1"\n')
  })
})
