import { describe, expect, test } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { run } from '../support/run.ts'
import { missingTerminal, showInTerminal } from '../support/terminal.ts'

/** A folder whose runs know an org under the alias `prod`, which is protected. */
async function startProtected() {
  const org = await startTestOrg()
  const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
  const files = { 'a.csv': 'Name,ERP_Id__c\nAda,P1\n', 'b.csv': 'Id\n001000000000001AAA\n', 'x.txt': 'x' }
  const { cwd, code } = await run('login --alias prod --protected', { env, files })
  expect(code).toBe(0)
  const count = async () => {
    const answer = await org.call(
      'GET',
      `query?q=${encodeURIComponent("SELECT COUNT() FROM Account WHERE ERP_Id__c = 'P1'")}`,
    )
    return ((await answer.json()) as { totalSize: number }).totalSize
  }
  return { org, cwd, count }
}

describe('a protected org', () => {
  test.each([
    'insert Account a.csv',
    'upsert Account a.csv -i ERP_Id__c',
    'delete Account b.csv',
    'attach a.csv',
  ])('refuses %s without --yes where there is no terminal, and nothing is sent', async (line) => {
    const { org, cwd } = await startProtected()
    const { code, stderr, files } = await run(`${line} -o prod`, { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/prod is protected: .* asks first, and there is no terminal to ask on\n.*add --yes/)
    expect(Object.keys(files).sort()).toEqual(['a.csv', 'b.csv', 'x.txt'])
    expect(org.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('oauth2'))).toEqual([])
  })

  test('takes writes with --yes, and reads and rehearsals without', async () => {
    const { cwd, count } = await startProtected()
    expect((await run('insert Account a.csv -o prod --dry-run', { cwd })).code).toBe(0)
    expect((await run('query "SELECT Id FROM Account" -o prod', { cwd })).code).toBe(0)
    expect(await count()).toBe(0)
    expect((await run('insert Account a.csv -o prod --yes -q', { cwd })).code).toBe(0)
    expect(await count()).toBe(1)
  })

  test.skipIf(missingTerminal !== undefined).each([
    ['y', 0, 1],
    ['n', 2, 0],
  ])('asks on a terminal, and does as it is told: %s', async (answer, code, records) => {
    const { cwd, count } = await startProtected()
    const { lines } = await showInTerminal('sfbulk insert Account a.csv -o prod; echo "exit code $?"', {
      columns: 80,
      cwd,
      typed: [['[y/N]', `${answer}\r`]],
    })
    expect(lines.join('\n')).toContain('insert Account on prod, which is protected? [y/N]')
    expect({ ended: lines.at(-1), records: await count() }).toEqual({ ended: `exit code ${code}`, records })
  })
})
