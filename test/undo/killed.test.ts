import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { Fault } from '../../src/local-org/faults.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run, start } from '../support/run.ts'

const all = 'SELECT Id, LastName, Company FROM Lead ORDER BY Id'

async function read(org: TestOrg): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const answer = await org.call('GET', `query?q=${encodeURIComponent(all)}`)
  const { records } = (await answer.json()) as { records: Record<string, unknown>[] }
  return records.map(({ attributes, ...fields }) => fields)
}

/** A folder in which commands are run against an org. */
function openFolder(org: TestOrg) {
  const cwd = privateFolder()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const type = (line: string, files: Readonly<Record<string, string>> = {}) => run(line, { cwd, env, files })
  /** Runs a command, and kills it when the org has acted on a request without answering it. */
  const kill = async (line: string, fault: Fault, files: Readonly<Record<string, string>> = {}) => {
    org.faults.add([fault])
    const { child } = await start(line, { cwd, env, files })
    await vi.waitFor(() => expect(org.faults.unfired()).toEqual([]), { timeout: 30_000 })
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  return { type, kill }
}

async function openWithLeads() {
  const org = await startTestOrg()
  const { type, kill } = openFolder(org)
  const leads = Array.from({ length: 260 }, (_, index) => `Lead ${index},Acme\n`)
  await type('insert Lead leads.csv -q', { 'leads.csv': `LastName,Company\n${leads.join('')}` })
  const before = await read(org)
  const rows = before.map(({ Id }, index) => `${Id},Changed ${index}\n`)
  return { org, type, kill, before, changes: { 'changes.csv': `Id,LastName\n${rows.join('')}` } }
}

describe('a run that is killed when its answer is on the way', () => {
  it('keeps the values from before its first row, and gives them back when it has been carried on', async () => {
    const { org, type, kill, before, changes } = await openWithLeads()
    const options = '--api bulk --job-bytes 4000'
    await kill(
      `update Lead changes.csv --undo ${options}`,
      { method: 'POST', path: '/jobs/ingest', hang: 'after' },
      changes,
    )
    const open = await type('undo last')
    expect(open.code).toBe(2)
    expect(open.stderr).toContain('sfbulk resume')
    expect((await type('resume -q')).code).toBe(0)
    expect((await read(org))[7]).toMatchObject({ LastName: 'Changed 7' })

    await kill(`undo last ${options}`, { method: 'POST', path: '/jobs/ingest', nth: 2, hang: 'after' })
    const resumed = await type('resume --json')
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.stdout).rows).toMatchObject({ read: 260, accepted: 260 })
    expect(await read(org)).toEqual(before)
  })

  it('puts back what an upsert changed, too, when it was killed while it deleted what that had created', async () => {
    const org = await startTestOrg()
    const { type, kill } = openFolder(org)
    const contacts = (names: readonly string[]) => `ERP_Id__c,LastName\n${names.map((name) => `${name}\n`).join('')}`
    await type('insert Contact old.csv -q', { 'old.csv': contacts(['1,One', '2,Two']) })
    const csv = { 'c.csv': contacts(['1,Uno', '2,Due', '3,Tre']) }
    await type('upsert Contact c.csv -i ERP_Id__c --undo -q', csv)
    await kill('undo last --api bulk', { method: 'POST', path: '/jobs/ingest', hang: 'after' })
    const { code, stdout, files } = await type('resume --json')
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 0,
      operation: 'undo',
      rows: { read: 3, accepted: 3 },
      steps: [{ operation: 'delete' }, { operation: 'update' }],
    })
    const answer = await org.call('GET', `query?q=${encodeURIComponent('SELECT LastName FROM Contact ORDER BY Id')}`)
    expect(await answer.json()).toMatchObject({ records: [{ LastName: 'One' }, { LastName: 'Two' }] })
    expect(Object.keys(files).filter((name) => /^undo-.*\.(delete|update)\.success\.csv$/.test(name))).toHaveLength(2)
  })

  it.each(['delete', 'undelete'])('ends as an undisturbed %s would', async (step) => {
    const { org, type, kill, before } = await openWithLeads()
    if (step === 'undelete') expect((await type('undo last -q')).code).toBe(0)
    await kill('undo last --api soap', { path: '/services/Soap', nth: step === 'delete' ? 2 : 1, hang: 'after' })
    const resumed = await type('resume --json')
    expect(JSON.parse(resumed.stdout).rows).toMatchObject({ read: 260, accepted: 260 })
    expect(resumed.code).toBe(0)
    expect(await read(org)).toEqual(step === 'delete' ? [] : before)
  })
})
