import { expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'
import { type KillMoment, runKilled, runUndisturbed, type Work } from './kill-and-resume.ts'

const contacts = Array.from({ length: 3_000 }, (_, row) => `Contact ${row},"note ${row}\nmore"\n`).join('')
const soql = 'SELECT LastName, Description FROM Contact ORDER BY LastName'
const work: Work = {
  line: `query "${soql}" --api bulk --output rows.csv`,
  files: {},
  seed: {
    line: 'insert Contact seed.csv --api bulk',
    files: { 'seed.csv': `LastName,Description\n${contacts}` },
  },
  soql,
}

it.each([
  ['as soon as its job is known', [{ entries: 3 }]],
  ['while its rows arrive', [{ requests: 3 }, { requests: 2 }]],
])('a query that is killed %s is resumed to the same file', async (_, moments) => {
  const { kills, ...remains } = await runKilled(work, moments)
  expect(kills).toBeGreaterThan(0)
  expect(remains).toEqual(await runUndisturbed(work))
})

const incremental: Work = {
  line: 'query "SELECT Id, LastName FROM Contact" --api bulk --incremental --state rows.state --output rows.csv',
  files: {},
  seed: work.seed!,
  soql: 'SELECT COUNT() FROM Contact',
}

it.each<readonly [string, readonly KillMoment[]]>([
  ['as soon as its job is known', [{ entries: 3 }]],
  ['while its rows arrive', [{ requests: 3 }]],
  ['when its rows are written and its mark may have moved', [{ entries: 4 }]],
])('an incremental query that is killed %s is resumed to the same rows and the same mark', async (_, moments) => {
  const { kills, files, ...remains } = await runKilled(incremental, moments)
  expect(kills).toBeGreaterThan(0)
  const { files: wanted, ...undisturbed } = await runUndisturbed(incremental)
  expect(remains).toEqual(undisturbed)
  expect(files['rows.csv']).toEqual(wanted['rows.csv'])
  // The org is told by its port, which differs.
  const [state, wantedState] = [files, wanted].map((each) => ({ ...JSON.parse(each['rows.state'] ?? ''), org: '' }))
  expect(state.mark).toBeGreaterThan(0)
  expect(state).toEqual(wantedState)
})

it('an incremental query is left alone when another run has delivered its rows', async () => {
  const org = await startTestOrg()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const cwd = privateFolder()
  await org.call('POST', 'sobjects/Contact', { LastName: 'One' })
  const body = [{ errorCode: 'INVALIDJOB', message: 'no' }]
  org.faults.add([{ method: 'GET', path: '/results', status: 400, body }])
  expect((await run(incremental.line, { cwd, env })).code).toBe(1)
  expect((await run(incremental.line, { cwd, env })).code).toBe(0)
  const { runs } = JSON.parse((await run('runs --json', { cwd, env })).stdout)
  const resumed = await run(`resume ${runs[1].run}`, { cwd, env })
  expect(resumed).toMatchObject({ code: 2, stderr: expect.stringContaining('another run has moved the mark') })
  expect(await run(`resume ${runs[1].run}`, { cwd, env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has ended'),
  })
})
