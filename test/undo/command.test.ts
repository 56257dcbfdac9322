import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, type RunResult, run } from '../support/run.ts'
import { logInOtherUser } from './other-user.ts'

const accounts = 'Name,Phone,ERP_Id__c,AnnualRevenue\n"A, ""one""",1,K1,12345678.9\nBee,,K2,\nCee,3,K3,5\n'
const changes = 'ERP_Id__c,Name,Phone,AnnualRevenue\nK1,Ay,#N/A,1\nK2,Bay,22,2\n'
const state = 'SELECT Id, Name, Phone, ERP_Id__c, AnnualRevenue FROM Account ORDER BY Id'

/** A folder, an org with three accounts, and what is typed there. */
async function openWithAccounts() {
  const org = await startTestOrg()
  const cwd = privateFolder()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const type = (line: string, files: Readonly<Record<string, string>> = {}) => run(line, { cwd, env, files })
  expect((await type('insert Account accounts.csv -q', { 'accounts.csv': accounts })).code).toBe(0)
  const ids = (await read(org, state)).map(({ Id }) => String(Id))
  return { org, cwd, type, ids }
}

async function read(org: TestOrg, soql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const answer = await org.call('GET', `query?q=${encodeURIComponent(soql)}`)
  const { records } = (await answer.json()) as { records: Record<string, unknown>[] }
  return records.map(({ attributes, ...fields }) => fields)
}

/** The run that a `--json` object is of. */
function runOf({ stdout }: RunResult): string {
  return (JSON.parse(stdout) as { run: string }).run
}

describe('undo', () => {
  it('deletes what an insert created, brings it back when it is undone itself, and finds nothing to do the second time', async () => {
    const { org, type, ids } = await openWithAccounts()
    const before = await read(org, state)
    const undone = await type('undo last --json')
    expect(undone.code).toBe(0)
    const account = JSON.parse(undone.stdout)
    expect(account).toMatchObject({
      operation: 'undo',
      sobject: 'Account',
      rows: { read: 3, sent: 3, accepted: 3 },
      files: { success: `undo-${account.undoes}.success.csv`, errors: null },
      steps: [{ operation: 'delete', run: account.run }],
    })
    expect(undone.files[`undo-${account.undoes}.success.csv`]).toBe(
      `Id,sf__Id,sf__Created\n${ids.map((id) => `${id},${id},false\n`).join('')}`,
    )
    expect(await read(org, state)).toEqual([])

    const again = await type(`undo ${account.undoes} --json`)
    expect(again.code).toBe(0)
    expect(JSON.parse(again.stdout).rows).toMatchObject({ read: 3, sent: 0, accepted: 0, skipped: 3 })

    expect((await type(`undo ${account.run} -q`)).code).toBe(0)
    expect(await read(org, state)).toEqual(before)
    expect((await type('undo last -q')).code).toBe(0)
    expect(await read(org, state)).toEqual([])
  })

  it('puts back what an upsert changed, deletes what it created, and can be undone step by step', async () => {
    const { org, type } = await openWithAccounts()
    const before = await read(org, state)
    const upsert = await type('upsert Account changes.csv -i ERP_Id__c --undo --json', {
      'changes.csv': `${changes}K9,New,9,9\n`,
    })
    expect(upsert.code).toBe(0)
    const after = await read(org, state)
    const undone = await type(`undo ${runOf(upsert)} --json`)
    expect(undone.code).toBe(0)
    const { rows, steps } = JSON.parse(undone.stdout)
    expect(rows).toMatchObject({ read: 3, accepted: 3 })
    expect(steps.map(({ operation }: { operation: string }) => operation)).toEqual(['delete', 'update'])
    expect(await read(org, state)).toEqual(before)
    for (const { run: step } of steps) expect((await type(`undo ${step} -q`)).code).toBe(0)
    expect(await read(org, state)).toEqual(after)
  })

  it('gives an update its former values back for two calls more, empty ones included', async () => {
    const { org, type, ids } = await openWithAccounts()
    const before = await read(org, state)
    const rows = `Id,Name,Phone\n${ids[0]},Ay,#N/A\n${ids[1]},Bay,22\n${ids[0]},Ayy,1\n`
    const calls = org.countedCalls()
    expect((await type('update Account changes.csv --undo -q', { 'changes.csv': rows })).code).toBe(0)
    expect(org.countedCalls() - calls).toBe(3)
    expect((await type('undo last -q')).code).toBe(0)
    expect(await read(org, state)).toEqual(before)
  })

  it('can be had of every update by a config file, which is no reason to refuse a hard delete', async () => {
    const { org, type, ids } = await openWithAccounts()
    const before = await read(org, state)
    const files = { 'sfbulk.config.yaml': 'undo: true\n', 'changes.csv': `Id,Name\n${ids[0]},New\n` }
    expect((await type('update Account changes.csv -q', files)).code).toBe(0)
    expect((await type('undo last -q')).code).toBe(0)
    expect(await read(org, state)).toEqual(before)
    expect((await type('hard-delete Account changes.csv -q')).code).toBe(0)
  })

  it('brings back deleted records with the children that went with them', async () => {
    const { org, type, ids } = await openWithAccounts()
    await org.call('POST', 'sobjects/Contact', { LastName: 'Ada', AccountId: ids[0] })
    const soql = 'SELECT Name, (SELECT LastName FROM Contacts) FROM Account ORDER BY Id'
    const before = await read(org, soql)
    await type('delete Account accounts.csv -q', { 'accounts.csv': `Id\n${ids.join('\n')}\n` })
    expect(await read(org, soql)).toEqual([])
    expect((await type('undo last -q')).code).toBe(0)
    expect(await read(org, soql)).toEqual(before)
  })

  it('works by Bulk jobs, whatever the size', async () => {
    const { org, type } = await openWithAccounts()
    const leads = Array.from({ length: 400 }, (_, index) => `Lead ${index},Acme ${index % 7}\n`)
    await type('insert Lead leads.csv -q', { 'leads.csv': `LastName,Company\n${leads.join('')}` })
    const all = 'SELECT Id, LastName, Company FROM Lead ORDER BY Id'
    const before = await read(org, all)
    const rows = before.map(({ Id }, index) => `${Id},Changed ${index}\n`)
    const options = '--api bulk --job-bytes 6000'
    await type(`update Lead changes.csv --undo -q ${options}`, { 'changes.csv': `Id,LastName\n${rows.join('')}` })
    expect((await read(org, all))[7]).toMatchObject({ LastName: 'Changed 7' })
    const undone = await type(`undo last --json -q ${options}`)
    expect(undone.code).toBe(0)
    expect(JSON.parse(undone.stdout).jobs.length).toBeGreaterThan(1)
    expect(await read(org, all)).toEqual(before)
  })
})

describe('a conflict', () => {
  it('is a record that another user changed since, or that is gone; it is left, told, and put back by force', async () => {
    const { org, type, ids } = await openWithAccounts()
    const asAda = await logInOtherUser(org)
    const rows = `Id,Name\n${ids.map((id) => `${id},New\n`).join('')}`
    const update = await type('update Account changes.csv --undo --json', { 'changes.csv': rows })
    await org.call('PATCH', `sobjects/Account/${ids[0]}`, { Phone: '555' }, asAda)
    await org.call('DELETE', `sobjects/Account/${ids[1]}`)
    const undone = await type(`undo ${runOf(update)}`)
    expect(undone.code).toBe(3)
    expect(await read(org, 'SELECT Name FROM Account ORDER BY Id')).toEqual([{ Name: 'New' }, { Name: 'Cee' }])
    const errors = (undone.files[`undo-${runOf(update)}.errors.csv`] ?? '').split('\n')
    expect(errors).toEqual([
      'Id,Name,sf__Line,sf__Id,sf__Error',
      expect.stringMatching(`^${ids[0]},"A, ""one""",2,,"LOCAL:CONFLICT:it changed since the run, at .* by 005.*:--"$`),
      expect.stringMatching(`^${ids[1]},Bee,3,,"LOCAL:CONFLICT:it was deleted since the run:--"$`),
      '',
    ])
    expect(undone.stderr).toContain(`sfbulk undo ${runOf(update)} --force`)
    const forced = await type(`undo ${runOf(update)} --force --json`)
    expect(forced.code).toBe(3)
    expect(JSON.parse(forced.stdout).rows).toMatchObject({ read: 3, accepted: 1, skipped: 1, rejected: 1 })
    expect(await read(org, 'SELECT Name, Phone FROM Account ORDER BY Id')).toEqual([
      { Name: 'A, "one"', Phone: '555' },
      { Name: 'Cee', Phone: '3' },
    ])
  })

  it('is a created record that was changed since, or has got children', async () => {
    const { org, type, ids } = await openWithAccounts()
    await org.call('PATCH', `sobjects/Account/${ids[0]}`, { Phone: '555' }, await logInOtherUser(org))
    await org.call('POST', 'sobjects/Contact', { LastName: 'Ada', AccountId: ids[1] })
    const undone = await type('undo last --json')
    expect(undone.code).toBe(3)
    const { rows, files } = JSON.parse(undone.stdout)
    expect(rows).toMatchObject({ read: 3, accepted: 1, rejected: 2 })
    expect(undone.files[files.errors]).toMatch(/LOCAL:CONFLICT:deleting it would delete Contact records/)
    expect(await read(org, 'SELECT Name FROM Account ORDER BY Id')).toEqual([{ Name: 'A, "one"' }, { Name: 'Bee' }])
  })

  it('is a record that an upsert without --undo has changed; what it created is deleted all the same', async () => {
    const { org, type } = await openWithAccounts()
    await type('upsert Account changes.csv -i ERP_Id__c -q', { 'changes.csv': `${changes}K9,New,9,9\n` })
    const undone = await type('undo last --json')
    expect(undone.code).toBe(3)
    expect(JSON.parse(undone.stdout).rows).toMatchObject({ accepted: 1, rejected: 2 })
    expect(await read(org, 'SELECT Name FROM Account ORDER BY Id')).toEqual([
      { Name: 'Ay' },
      { Name: 'Bay' },
      { Name: 'Cee' },
    ])
  })
})

describe('an undo that cannot be', () => {
  it.each([
    ['hard-delete Account accounts.csv --undo', 'a hard delete cannot be undone'],
    ['undo 20200101', 'there is no run 20200101'],
  ])('is refused before anything is asked: %s', async (line, message) => {
    const { org, type } = await openWithAccounts()
    const calls = org.requests.length
    const { code, stderr } = await type(line)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(org.requests.length).toBe(calls)
  })

  it('says what would have been needed', async () => {
    const { type, ids } = await openWithAccounts()
    await type('update Account changes.csv -q', { 'changes.csv': `Id,Name\n${ids[0]},New\n` })
    const { code, stderr } = await type('undo last')
    expect(code).toBe(2)
    expect(stderr).toMatch(/was an update without --undo, so that the former values were not kept/)
    expect(stderr).toContain('give --undo to the next one')
  })

  it('is told for a dry run, which sends nothing and leaves no run', async () => {
    const { org, type } = await openWithAccounts()
    const { code, stderr } = await type('undo last --dry-run')
    expect(code).toBe(0)
    expect(stderr).toContain('3 Account records to delete')
    expect(stderr).toContain('Nothing was sent')
    expect(await read(org, state)).toHaveLength(3)
    expect(JSON.parse((await type('runs --json')).stdout).runs).toHaveLength(1)
  })
})
