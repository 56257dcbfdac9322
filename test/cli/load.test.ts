import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalOrg, startOrg } from '../../src/local-org/server.ts'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run, start } from '../support/run.ts'

const accounts = readFileSync('examples/accounts.csv', 'utf8')

describe('a load on the local org', () => {
  it('upserts the example accounts, accounts for every row, and takes the mended errors file', async () => {
    const cwd = privateFolder()
    const first = await run('upsert Account accounts.csv -i ERP_Id__c -o local --json', {
      cwd,
      files: { 'accounts.csv': accounts },
    })
    expect(first.code).toBe(3)
    expect(JSON.parse(first.stdout)).toMatchObject({
      operation: 'upsert',
      sobject: 'Account',
      api: 'soap',
      apiReason: '40 rows fit one call',
      apiCalls: 2,
      org: 'local',
      jobs: [],
      rows: { read: 40, sent: 37, accepted: 35, rejected: 5, unprocessed: 0, unknown: 0, skipped: 0 },
      files: { success: 'accounts.success.csv', errors: 'accounts.errors.csv' },
      exitCode: 3,
    })
    expect(first.stderr).toContain('The account balances: 40 = 35 + 5.')
    expect(first.stderr).toContain('  sfbulk upsert Account accounts.errors.csv -i ERP_Id__c -o local\n')
    const errors = first.files['accounts.errors.csv'] ?? ''
    expect(errors).toMatch(/^A-1011,,.*REQUIRED_FIELD_MISSING/m)
    expect(errors).toMatch(/^A-1032,.*LOCAL:/m)
    expect(errors.split('\n')[0]).toBe(`${accounts.split('\n')[0]},sf__Line,sf__Id,sf__Error`)

    const mended = errors
      .replace('A-1011,,', 'A-1011,Kiezberatung,')
      .replace(/"\+49 821 555 0116 [^"]*"/, '+49 821 555 0116')
      .replace('about 6 million', '6000000')
      .replace('-4100000', '4100000')
      .replace(/^A-1032,.*$/m, 'A-1032,Foundry Nine,Engineering,13300000,77,,,,,,,,P. Shaw,43,,LOCAL:was mended')
    const second = await run('upsert Account accounts.errors.csv -i ERP_Id__c -o local', {
      cwd,
      files: { 'accounts.errors.csv': mended },
    })
    expect(second).toMatchObject({ code: 0, stdout: '' })
    expect(second.stderr).toContain('All 5 rows of accounts.errors.csv upserted in Account on local.')
    expect(second.files['accounts.errors.success.csv']?.split('\n')[0]).toBe(
      `${accounts.split('\n')[0]},sf__Id,sf__Created`,
    )
    expect(second.files['accounts.errors.errors.csv']).toBeUndefined()
  })

  it('sends the errors file again as it sent the input: what must not happen to its rows must not happen then, either', async () => {
    const same = '--never-insert --api soap --all-or-none --allow-duplicates --no-feed-tracking'
    const files = { 'a.csv': 'Name,ERP_Id__c\nOne,A-1\n' }
    const { code, stderr } = await run(`upsert Account a.csv -i ERP_Id__c -o local ${same}`, { files })
    expect(code).toBe(3)
    expect(stderr).toContain(`sfbulk upsert Account a.errors.csv -i ERP_Id__c -o local ${same}\n`)
  })

  it('leaves its records to the next command', async () => {
    const cwd = privateFolder()
    await run('insert Account a.csv -o local -q', { cwd, files: { 'a.csv': 'Name\nOne\n' } })
    expect((await run('query "SELECT Name FROM Account" -o local -q', { cwd })).stdout).toBe('"Name"\n"One"\n')
    expect(await run('org reset', { cwd })).toMatchObject({ code: 0, stdout: '' })
    expect((await run('query "SELECT Name FROM Account" -o local -q', { cwd })).stdout).toBe('"Name"\n')
  })
})

describe('a load on an org named by the environment', () => {
  it.runIf(process.platform === 'linux')('takes one device for both result files, but not one file', async () => {
    const { env, cwd } = { env: connectionOf(await startTestOrg()), cwd: privateFolder() }
    const given = { cwd, env, stdin: 'LastName,Company\nStone,C\n' }
    const both = (path: string) => run(`insert Lead - --success ${path} --errors ${path} -q`, given)
    expect(await both('/dev/null')).toMatchObject({ code: 0, stderr: '', files: {} })
    const rejected = await run('insert Lead - --success none --errors /dev/null', {
      ...given,
      stdin: 'LastName,Company\n,C\n',
    })
    expect(rejected.code).toBe(3)
    expect(rejected.stderr).not.toContain('Next:')
    expect(await both('both.csv')).toMatchObject({ code: 2, stderr: expect.stringContaining('both name') })
  })

  it.each([
    ['insert', 0],
    ['delete', 2],
    ['map', 0],
  ])('shows control characters of an input as spaces: %s, exit %i', async (operation, code) => {
    const org = await startTestOrg()
    const header = 'Name,\u001b[31mred\u009b2J'
    const said = await run(`${operation} Account a.csv`, {
      files: { 'a.csv': `${header}\nOne,x\n` },
      env: { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken },
    })
    expect(said).toMatchObject({ code, stderr: expect.stringContaining(' [31mred 2J') })
    expect(said.stderr).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it('shows characters without width and of direction by their numbers', async () => {
    const files = { 'a.csv': 'Name,Pho\u200bne,\u202eRef\nOne,1,2\n' }
    const { stderr } = await run('insert Account a.csv -o local', { files })
    expect(stderr).toContain(': Pho<U+200B>ne (did you mean Phone?), <U+202E>Ref')
  })

  it('inserts, updates and deletes by Id, a pipe in between', async () => {
    const { env, cwd } = { env: connectionOf(await startTestOrg()), cwd: privateFolder() }
    const inserted = await run('insert Lead - --success - --quiet', {
      cwd,
      env,
      stdin: 'LastName;Company\r\nMüller;"A;B"\r\nStone;C\r\n',
    })
    expect(inserted).toMatchObject({ code: 0, stderr: '', files: {} })
    expect(inserted.stdout).toMatch(
      /^LastName;Company;sf__Id;sf__Created\r\nMüller;"A;B";00Q\w{15};true\r\nStone;C;00Q\w{15};true\r\n$/,
    )
    const queried = await run('query "SELECT Id, Company FROM Lead ORDER BY Company" -q', { cwd, env })
    const updated = await run('update Lead - --success none', {
      cwd,
      env,
      stdin: queried.stdout.replace('A;B', 'Acme'),
    })
    expect(updated.code).toBe(0)
    const renamed = await run('query --file q.soql --map Company=Firma', {
      cwd,
      env,
      files: { 'q.soql': "SELECT Company FROM Lead WHERE Company = 'Acme';\n" },
    })
    expect(renamed.stdout).toBe('"Firma"\n"Acme"\n')

    expect(await run('delete Lead ids.csv -q', { cwd, env, files: { 'ids.csv': queried.stdout } })).toMatchObject({
      code: 0,
    })
    expect((await run('query "SELECT Id FROM Lead"', { cwd, env })).stdout).toBe('"Id"\n')
    const kept = await run('query "SELECT Company FROM Lead ORDER BY Company" --all --output rows.csv --json', {
      cwd,
      env,
    })
    expect(kept.files['rows.csv']).toBe('"Company"\n"Acme"\n"C"\n')
    expect(JSON.parse(kept.stdout)).toMatchObject({ rows: 2, files: { output: 'rows.csv' }, exitCode: 0 })
    expect(await run('hard-delete Lead ids.csv -q', { cwd, env })).toMatchObject({ code: 0 })
    expect((await run('query "SELECT Id FROM Lead" --all', { cwd, env })).stdout).toBe('"Id"\n')
  })

  it('answers a file without rows with success', async () => {
    const env = connectionOf(await startTestOrg())
    const { code, stderr, files } = await run('insert Account none.csv', { env, files: { 'none.csv': 'Name\n' } })
    expect(code).toBe(0)
    expect(stderr).toContain('none.csv has no rows: nothing was sent to Account on 127.0.0.1')
    expect(Object.keys(files)).toEqual(['none.csv'])
  })

  it('keeps the files of an earlier run under the id of that run', async () => {
    const { env, cwd } = { env: connectionOf(await startTestOrg()), cwd: privateFolder() }
    const first = await run('insert Account a.csv --json', { cwd, env, files: { 'a.csv': 'Name\nOne\n' } })
    const { run: id } = JSON.parse(first.stdout)
    const second = await run('insert Account a.csv --json', { cwd, env })
    expect(Object.keys(second.files).sort()).toEqual(['a.csv', 'a.success.csv', `a.success.${id}.csv`].sort())
  })

  it('ends with exit code 5 when the time is over, and leaves the job alone', async () => {
    const org = await startTestOrg({ neverFinish: true })
    const { code, stdout, stderr } = await run('insert Account a.csv --api bulk --wait 0.01 --json', {
      env: connectionOf(org),
      files: { 'a.csv': 'Name\nOne\n' },
    })
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 5, rows: { read: 1 }, error: { code: expect.any(String) } })
    expect(stderr).toMatch(/^sfbulk: /m)
    expect(org.count('PATCH', /jobs\/ingest/) + org.count('DELETE', /jobs\/ingest/)).toBeLessThanOrEqual(1)
  })

  it('comes to an orderly end with one Ctrl-C', async () => {
    const env = connectionOf(await startTestOrg({ neverFinish: true }))
    const { child } = await start('insert Account a.csv --api bulk --verbose', {
      env,
      files: { 'a.csv': 'Name\nOne\n' },
    })
    const talk = listenTo(child)
    await talk.hear('InProgress')
    child.kill('SIGINT')
    expect(await talk.end).toEqual({ code: 5, told: expect.stringContaining('in good order') })
  })

  it('ends with exit code 5 when Ctrl-C leaves rows of standard input unread', async () => {
    const env = connectionOf(await startTestOrg())
    const { child } = await start('insert Account - --api bulk', { env })
    const talk = listenTo(child)
    const row = `${'x'.repeat(200)}\n`
    child.stdin?.write(`Name\n${row.repeat(8_000)}`)
    await talk.hear('reading stdin')
    child.kill('SIGINT')
    expect(await talk.end).toMatchObject({ code: 5, told: expect.stringContaining('interrupted by SIGINT') })
  })

  it('does not wait for the first rows of standard input after Ctrl-C', async () => {
    const org = await startTestOrg()
    const { child } = await start('insert Account - --api bulk --verbose', { env: connectionOf(org) })
    const talk = listenTo(child)
    child.stdin?.write('Name\nOne\n')
    await talk.hear('GET /services/data')
    child.kill('SIGINT')
    expect(await talk.end).toMatchObject({ code: 5, told: expect.stringContaining('interrupted by SIGINT') })
    expect(org.count('POST', /jobs/)).toBe(0)
  })

  it('stops at once with a second Ctrl-C, whatever the first one waits for', async () => {
    // A SOAP call under way is not broken off by the first.
    const faults = [{ path: '/services/Soap/u', delayMs: 600_000 }]
    const org = await startTestOrg({ faults })
    const { child } = await start('insert Account a.csv --api soap', {
      env: connectionOf(org),
      files: { 'a.csv': 'Name\nOne\n' },
    })
    const talk = listenTo(child)
    await vi.waitFor(() => expect(org.faults.unfired(), 'the call has not come').toEqual([]), 30_000)
    child.kill('SIGINT')
    // Two signals of a kind that are both pending are one to the process.
    await talk.hear('in good order')
    child.kill('SIGINT')
    expect(await talk.end).toEqual({ code: 130, told: expect.stringContaining('stopped at once') })
  })

  it('ends quietly when nobody reads on', async () => {
    const org = await startTestOrg()
    const rows = Array.from({ length: 3_000 }, (_, row) => `Lead ${row},${'x'.repeat(200)}`)
    const env = connectionOf(org)
    await run('insert Lead - --quiet --success none', { env, stdin: `LastName,Company\n${rows.join('\n')}\n` })
    const { child } = await start('query "SELECT LastName, Company FROM Lead"', { env })
    child.stdout?.once('data', () => child.stdout?.destroy())
    let told = ''
    child.stderr?.on('data', (piece) => {
      told += piece
    })
    expect({ code: await new Promise((resolve) => child.once('close', resolve)), told }).toEqual({ code: 0, told: '' })
  })
})

describe('a load that cannot begin', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-org-'))
  let org: LocalOrg

  beforeAll(async () => {
    org = await startOrg({ data: join(folder, 'org.db') })
  })

  afterAll(async () => {
    await org.close()
    rmSync(folder, { recursive: true })
  })

  it.each([
    ['insert Account missing.csv', 'missing.csv'],
    ['insert Acount a.csv', 'Did you mean Account'],
    ['upsert Account a.csv', "required option '-i, --external-id <field>' not specified"],
    ['upsert Account a.csv -i Nam', 'Nam'],
    ['update Account a.csv', 'Id'],
    ['insert Account a.csv --map Nmae=Name', 'Nmae'],
    ['insert Account a.csv --errors a.csv', 'a.csv'],
    ['insert Account a.csv --errors no/such/folder.csv', 'folder'],
    ['insert Account a.csv --json --errors -', '--json and --errors both write to stdout'],
    ['insert Account a.csv -o nowhere', 'No connection is named "nowhere"'],
    ['query', 'there is no query'],
    ['query "SELECT Id FROM Account" --json', '--json needs --output'],
    ['query "SELECT Bacon__c FROM Account"', 'Bacon__c'],
    ['query "SELEC Id"', 'SELEC'],
  ])('%s: exit 2 and nothing written', async (line, words) => {
    const { code, stderr, files } = await run(line, { env: connectionOf(org), files: { 'a.csv': 'Name\nOne\n' } })
    expect({ code, files }).toEqual({ code: 2, files: { 'a.csv': 'Name\nOne\n' } })
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('fault of the program')
  })
})

/** What a running program tells on stderr; `hear` fails when it ends without those words. */
function listenTo(child: ChildProcess) {
  let told = ''
  child.stderr?.on('data', (piece) => {
    told += piece
    child.emit('told')
  })
  const end = new Promise<{ code: number | null; told: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, told }))
  })
  const hear = (words: string) =>
    new Promise<void>((resolve, reject) => {
      const listen = () => void (told.includes(words) && resolve())
      child.on('told', listen)
      child.once('close', () => reject(new Error(`"${words}" was never told, but: ${told}`)))
      listen()
    })
  return { end, hear }
}

function connectionOf({ accessToken, url }: LocalOrg): Record<string, string> {
  return { SF_ACCESS_TOKEN: accessToken, SF_INSTANCE_URL: url }
}
