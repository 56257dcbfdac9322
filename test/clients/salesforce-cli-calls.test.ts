import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { missingCli, runCli } from './salesforce-cli.ts'

it('the Salesforce CLI spends the calls on a load that the page of API calls says', {
  skip: missingCli !== undefined,
  timeout: 180_000,
}, async () => {
  // A job that could end before or after the first question would make the number one of chance.
  const org = await startTestOrg({ jobDelayMs: 1000 })
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-sf-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'home'))
  const login = ['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt', '--set-default']
  await runCli(folder, login, { SF_ACCESS_TOKEN: org.accessToken })
  await writeFile(join(folder, 'in.csv'), 'LastName\nA\nB\n')

  const before = org.requests.length
  const words = ['-s', 'Contact', '-f', 'in.csv', '--line-ending', 'LF', '--wait', '2', '--json']
  const imported = await runCli(folder, ['data', 'import', 'bulk', ...words])
  const { jobId } = (JSON.parse(imported.stdout) as { result: { jobId: string } }).result
  await runCli(folder, ['data', 'bulk', 'results', '--job-id', jobId, '--json'])

  const calls = org.requests.slice(before).filter(({ counted }) => counted)
  const kinds = calls.map(({ method, path }) => `${method} ${path.split(`/${jobId}`)[1] ?? 'job'}`)
  const states = ['GET ', 'GET ', 'GET ']
  expect(kinds).toEqual(['POST job', 'PUT /batches', 'PATCH ', ...states, 'GET /successfulResults'])
})
