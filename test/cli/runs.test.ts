import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run, start } from '../support/run.ts'

const csv = 'ERP_Id__c,LastName\nR-1,One\nR-2,Two\n'

async function prepare(options: Parameters<typeof startTestOrg>[0] = {}) {
  const org = await startTestOrg(options)
  const cwd = privateFolder()
  const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
  const sfbulk = (line: string, files: Record<string, string> = {}, stdin = '') => run(line, { cwd, env, files, stdin })
  return { org, cwd, env, sfbulk, home: `${cwd}.home` }
}

function journalOf(home: string): string {
  try {
    const [name = ''] = readdirSync(join(home, 'runs'))
    return readFileSync(join(home, 'runs', name, 'journal.jsonl'), 'utf8')
  } catch {
    return ''
  }
}

/** Result files, whole or in the making. */
function results(files: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(files).filter((name) => /success|errors/.test(name))
}

it('sends nothing where no record of the run can be kept, and says where that would be', async () => {
  const { org, sfbulk, home } = await prepare()
  mkdirSync(home)
  symlinkSync(join(home, 'absent'), join(home, 'runs'))
  const { code, stderr, files } = await sfbulk('insert Contact c.csv -q', { 'c.csv': csv })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^sfbulk: cannot write .*\.home\/runs\/.*: ENOENT.*\n.*name another folder with SFBULK_HOME\n$/,
  )
  expect([Object.keys(files), org.count('POST', /jobs|Soap/)]).toEqual([['c.csv'], 0])
})

describe('a run that is submitted', () => {
  it('names itself on stdout, writes no file, and is collected by resume', async () => {
    const { sfbulk } = await prepare()
    const submitted = await sfbulk('upsert Contact c.csv -i ERP_Id__c --async', { 'c.csv': csv })
    expect(submitted.code).toBe(0)
    const id = submitted.stdout.trim()
    expect(id).toMatch(/^\d{8}-\d{6}-\w{4}$/)
    expect(submitted.stderr).toContain(`sfbulk resume ${id}`)
    expect(results(submitted.files).filter((name) => !name.endsWith('.partial'))).toEqual([])
    const listed = JSON.parse((await sfbulk('runs --json')).stdout)
    expect(listed.runs).toMatchObject([{ run: id, state: 'waiting', rows: { read: 2, sent: 2, unknown: 2 } }])

    const resumed = await sfbulk(`resume ${id.slice(0, 15)} --json`)
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.stdout)).toMatchObject({ run: id, rows: { read: 2, accepted: 2 }, exitCode: 0 })
    expect(results(resumed.files)).toEqual(['c.success.csv'])
    expect(await sfbulk('resume last')).toMatchObject({ code: 0, stdout: '' })
  })

  it('is still known with its rows when resume does not get as far as its job', async () => {
    const { org, sfbulk } = await prepare()
    await sfbulk('upsert Contact c.csv -i ERP_Id__c --async', { 'c.csv': csv })
    const body = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]
    org.faults.add([{ method: 'GET', path: '/jobs/ingest', nth: 1, times: 1, status: 403, body }])
    const resumed = await sfbulk('resume --json')
    expect(resumed.code).toBe(5)
    const sent = { jobs: [expect.any(String)], rows: { read: 2, sent: 2, unknown: 2, accepted: 0 } }
    expect(JSON.parse(resumed.stdout)).toMatchObject({ operation: 'upsert', ...sent, exitCode: 5 })
    expect(JSON.parse((await sfbulk('runs show --json')).stdout)).toMatchObject({ state: 'waiting', ...sent })
    const changed = await sfbulk('resume --json', { 'c.csv': 'LastName\nOther\n' })
    expect({ code: changed.code, ...JSON.parse(changed.stdout) }).toMatchObject({ code: 2, ...sent, exitCode: 2 })
  })

  it('is not collected under --json when its rows go to stdout', async () => {
    const { sfbulk } = await prepare()
    await sfbulk('upsert Contact c.csv -i ERP_Id__c --async --success -', { 'c.csv': csv })
    const { code, stdout } = await sfbulk('resume --json')
    expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 2, error: 'SAME_OUTPUT' })
    const resumed = await sfbulk('resume')
    expect({ code: resumed.code, stdout: resumed.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ERP_Id__c,LastName,sf__Id,sf__Created\nR-1,One,003\w{15},true\nR-2,Two,003/),
    })
  })

  it('keeps standard input until it is collected, and no longer', async () => {
    const { sfbulk, home } = await prepare()
    const submitted = await sfbulk('insert Contact - --async', {}, csv)
    const folder = join(home, 'runs', submitted.stdout.trim())
    expect(readdirSync(folder).sort()).toEqual(['input', 'journal.jsonl', 'lock-1'])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'journal.jsonl')).mode & 0o777).toBe(0o600)
    const resumed = await sfbulk('resume')
    expect(resumed.code).toBe(0)
    expect(resumed.files['Contact.insert.success.csv']).toMatch(/^R-1,One,003\w{15},true\nR-2,Two,003/m)
    expect(readdirSync(folder)).not.toContain('input')
  })

  it('is collected in the end although the process that began to collect it was interrupted', async () => {
    const { sfbulk, cwd, env } = await prepare({ jobDelayMs: 2_000 })
    await sfbulk('insert Contact - --async', {}, csv)
    const { child } = await start('resume --verbose', { cwd, env })
    child.stderr?.once('data', () => child.kill('SIGINT'))
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(5)
    const { code, files } = await sfbulk('resume')
    expect(code).toBe(0)
    expect(files['Contact.insert.success.csv']).toMatch(/^R-1,One,003\w{15},true\nR-2,Two,003/m)
  })

  it('cannot go by SOAP, which answers at once', async () => {
    const { sfbulk } = await prepare()
    expect((await sfbulk('insert Contact c.csv --api soap --async', { 'c.csv': csv })).code).toBe(2)
  })
})

describe('a run that ran out of time', () => {
  it('is resumed when its job has ended', async () => {
    const { org, sfbulk } = await prepare({ neverFinish: true })
    const paused = await sfbulk('insert Contact c.csv --api bulk --wait 0.005 --json', { 'c.csv': csv })
    expect(paused.code).toBe(5)
    const { run: id, files, error } = JSON.parse(paused.stdout)
    expect({ files, error }).toMatchObject({
      files: { success: null, errors: null },
      error: { code: 'WAIT_OVER', hint: `sfbulk resume ${id}` },
    })
    expect((await sfbulk('resume --wait 0.005')).code).toBe(5)
    expect(org.count('POST', /jobs\/ingest/)).toBe(1)
  })
})

describe('resume', () => {
  async function submit(options: Parameters<typeof prepare>[0] = {}) {
    const stage = await prepare(options)
    const { stdout } = await stage.sfbulk('insert Contact c.csv --async', { 'c.csv': csv })
    return { ...stage, id: stdout.trim() }
  }

  it('refuses an input that has changed, and says what it was', async () => {
    const { sfbulk, cwd } = await submit()
    await utimes(join(cwd, 'c.csv'), 1, 1)
    const { code, stderr } = await sfbulk('resume')
    expect(code).toBe(2)
    expect(stderr).toMatch(/c\.csv has changed .* since run .*\n {2}→ put it back as it was \(35 bytes of 20/)
  })

  it('refuses another org', async () => {
    const { sfbulk, id, home } = await submit()
    const journal = join(home, 'runs', id, 'journal.jsonl')
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('"http://127.0.0.1:', '"http://elsewhere:'))
    const { code, stderr } = await sfbulk('resume')
    expect(code).toBe(2)
    expect(stderr).toContain(`run ${id} is of`)
  })

  it('refuses a run on which another process is at work, and names that', async () => {
    const { sfbulk, id, home } = await submit()
    writeFileSync(join(home, 'runs', id, 'lock-1'), JSON.stringify({ pid: process.pid, began: null }))
    const { code, stderr } = await sfbulk('resume')
    expect(code).toBe(1)
    expect(stderr).toContain(`process ${process.pid} is at work on run ${id}`)
    writeFileSync(join(home, 'runs', id, 'lock-1'), JSON.stringify({ pid: process.pid, began: 'another start' }))
    expect((await sfbulk('resume')).code).toBe(0)
  })

  it('refuses a record of a later version, and takes one whose last line was cut by a crash', async () => {
    const { sfbulk, id, home } = await submit()
    const journal = join(home, 'runs', id, 'journal.jsonl')
    const text = readFileSync(journal, 'utf8')
    writeFileSync(journal, text.replace('"version":1', '"version":2'))
    expect(await sfbulk('resume')).toMatchObject({ code: 2, stderr: expect.stringContaining('later version') })
    writeFileSync(journal, `${text}{"type":"ended","at":"20`)
    expect((await sfbulk('resume')).code).toBe(0)
  })

  it('gives the account of a run that has ended as the run itself did, and its exit code', async () => {
    const { sfbulk } = await prepare()
    const files = { 'c.csv': `${csv}R-3,\n` }
    for (const api of ['bulk', 'soap']) {
      const ended = await sfbulk(`insert Contact c.csv --api ${api} --no-check --json`, files)
      const { elapsedMs: _, apiReason, ...account } = JSON.parse(ended.stdout)
      const again = await sfbulk('resume --json')
      expect([again.code, ended.code]).toEqual([3, 3])
      const { elapsedMs, ...told } = JSON.parse(again.stdout)
      expect(elapsedMs).toBeGreaterThan(0)
      expect(told).toEqual(account)
    }
    const query = await sfbulk('query "SELECT Id FROM Contact" --api bulk --output rows.csv --json')
    const { elapsedMs: _, apiReason, ...account } = JSON.parse(query.stdout)
    const { elapsedMs, ...told } = JSON.parse((await sfbulk('resume --json')).stdout)
    expect(told).toEqual(account)
  })

  it('does not carry on a query whose job has no result, nor one that would fail again', async () => {
    const body = JSON.stringify([{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }])
    const { sfbulk } = await prepare({ faults: [{ method: 'GET', path: '/jobs/query/', status: 404, body }] })
    const query = 'query "SELECT Id FROM Contact" --api bulk --output rows.csv'
    for (const [line, code] of [
      [query, 1],
      [`${query} --map Nmae=Name`, 2],
    ] as const) {
      const { stderr, ...ended } = await sfbulk(line)
      expect(ended).toMatchObject({ code })
      expect(stderr).not.toContain('sfbulk resume')
      expect(await sfbulk('resume')).toMatchObject({ code, stderr: expect.stringContaining('nothing is left to do') })
    }
  })

  it('refuses a run whose input came once and was not kept, and says what is left to do', async () => {
    const { sfbulk, cwd, env, home } = await prepare({ neverFinish: true })
    const { child } = await start('insert Contact - --api bulk --no-spool --wait 5', { cwd, env })
    child.stdin?.end(csv)
    await vi.waitUntil(() => journalOf(home).includes('"type":"uploaded"'), { timeout: 30_000 })
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('close', resolve))
    const { code, stderr } = await sfbulk('resume')
    expect(code).toBe(2)
    expect(stderr).toMatch(/cannot be carried on: its input came once, and no copy of it was kept\n {2}→ /)
    expect(stderr).toMatch(/sfbulk runs show \d/)
    const async = await sfbulk('insert Contact - --async --no-spool', {}, csv)
    expect(async).toMatchObject({ code: 2, stderr: expect.stringContaining('do not go together') })
  })

  it('at the same time as another one says who is at work, and the rows go once', async () => {
    const { sfbulk, org, id } = await submit({ jobDelayMs: 3_000, ledger: true })
    const [one, two] = await Promise.all([sfbulk('resume'), sfbulk('resume')])
    expect([one?.code, two?.code].sort()).toEqual([0, 1])
    expect(one?.code === 1 ? one.stderr : two?.stderr).toMatch(new RegExp(`process \\d+ is at work on run ${id}`))
    expect([...org.writes().values()]).toEqual([1, 1])
  })

  it('deletes what a process that was killed has left of it among the temporary files', async () => {
    const { cwd, env, sfbulk } = await prepare()
    const id = (await sfbulk('insert Contact c.csv --async', { 'c.csv': csv })).stdout.trim()
    const temporary = privateFolder()
    for (const name of [`sfbulk-${id}-aB3xYz`, 'sfbulk-20261121-000000-aaaa-aB3xYz']) mkdirSync(join(temporary, name))
    expect((await run('resume', { cwd, env: { ...env, TMPDIR: temporary } })).code).toBe(0)
    expect(readdirSync(temporary)).toEqual(['sfbulk-20261121-000000-aaaa-aB3xYz'])
  })

  it('says that there are no runs', async () => {
    const { sfbulk } = await prepare()
    expect(await sfbulk('resume')).toMatchObject({ code: 2, stderr: expect.stringContaining('no runs') })
  })
})

describe('runs', () => {
  it('shows a run with its account in 80 columns, and prunes only what has ended', async () => {
    const { sfbulk, home } = await prepare()
    await sfbulk('insert Contact a-very-long-name-of-a-file-that-holds-contacts.csv', {
      'a-very-long-name-of-a-file-that-holds-contacts.csv': csv,
    })
    await sfbulk('insert Contact c.csv --async', { 'c.csv': csv })
    const listed = await sfbulk('runs')
    expect(Math.max(...listed.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect((await sfbulk('runs show')).stdout).toMatch(/^Next:\n {2}sfbulk resume \d/m)
    expect((await sfbulk('runs prune --older-than 0d')).stdout).toBe('1 deleted, 1 kept, 1 of them not finished\n')
    expect(readdirSync(join(home, 'runs'))).toHaveLength(1)
  })

  it('that wrote no row offers no undo, and what would act on a terminal is shown as a space', async () => {
    const { sfbulk } = await prepare()
    await sfbulk('insert Contact a\u001b[2J.csv', { 'a\u001b[2J.csv': 'LastName,Birthdate\nA,never\n' })
    const { stdout } = await sfbulk('runs show')
    expect(stdout).toContain('a [2J.csv')
    expect(stdout).toContain('rejected    1')
    expect(stdout).not.toContain('undo')
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it('are not hidden by a folder that is none', async () => {
    const { sfbulk, home } = await prepare()
    mkdirSync(join(home, 'runs', '20261121-000000-aaaa'), { recursive: true })
    expect(JSON.parse((await sfbulk('runs --json')).stdout)).toEqual({ runs: [] })
  })

  it('that broke off before they were recorded are not the latest one, say so, and are pruned', async () => {
    const { sfbulk, home } = await prepare()
    await sfbulk('insert Contact c.csv', { 'c.csv': csv })
    const left = '20991121-000000-aaaa'
    mkdirSync(join(home, 'runs', left))
    expect((await sfbulk('resume --json')).code).toBe(0)
    expect(await sfbulk(`resume ${left}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it has sent nothing: run its command again'),
    })
    await sfbulk('runs prune')
    expect(readdirSync(join(home, 'runs'))).toContain(left)
    expect((await sfbulk('runs prune --older-than 0d')).stdout).toBe('2 deleted, 0 kept\n')
    expect(readdirSync(join(home, 'runs'))).toEqual([])
  })
})
