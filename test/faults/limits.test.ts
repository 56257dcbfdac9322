import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startOrg } from '../../src/local-org/server.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, type RunResult, run } from '../support/run.ts'
import { openFaultOrg, withoutIds } from './fault-org.ts'

const rows = 700
const csv = `Name,ERP_Id__c,Site,Note\n${Array.from({ length: rows }, (_, i) => `${i % 60 === 9 ? '' : `Name ${i}`},K-${i},${'s'.repeat(60)},note ${i}\n`).join('')}`
const line = 'insert Account a.csv --api bulk --job-bytes 21000 --parallel-jobs 2 --no-check -q'
const oneByOne = 'insert Account a.csv --api bulk --job-bytes 5000 --parallel-jobs 1 --no-check -q'
/** No row of these files has a line end in it. */
const countRows = (file: string) => file.trimEnd().split('\n').length - 1
const environment = (org: Pick<TestOrg, 'url' | 'accessToken'>) => ({
  SF_INSTANCE_URL: org.url,
  SF_ACCESS_TOKEN: org.accessToken,
})

const filesOf = ({ files }: RunResult) => [withoutIds(files['a.success.csv']), files['a.errors.csv']]

async function undisturbed() {
  const org = await startTestOrg()
  return filesOf(await run(line, { files: { 'a.csv': csv }, env: environment(org) }))
}

async function expectWhole(org: TestOrg, last: RunResult): Promise<void> {
  expect({ code: last.code, files: filesOf(last) }).toEqual({ code: 3, files: await undisturbed() })
  expect([...org.writes().values()].every((writes) => writes === 1)).toBe(true)
  expect(org.writes().size).toBe(rows - Math.ceil((rows - 9) / 60))
}

describe('a limit of the day that is reached in the middle', () => {
  it.each([2, 4, 6, 9])('at request %i of the jobs ends the run in good order, and resume goes on', async (nth) => {
    const org = await startTestOrg({ ledger: true })
    const body = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]
    org.faults.add([{ path: '/jobs/ingest', nth, times: 3, status: 403, body }])
    const env = environment(org)
    let last = await run(line, { files: { 'a.csv': csv }, env })
    expect({ code: last.code, said: last.stderr }).toEqual({ code: 5, said: expect.stringContaining('REQUEST_LIMIT') })
    for (let tries = 0; tries < 4 && last.code === 5; tries++) last = await run('resume -q', { cwd: last.cwd, env })
    await expectWhole(org, last)
  })
})

describe('an org that is full', () => {
  it('has no more jobs sent to it, and resume sends the rest when there is room', async () => {
    const data = join(privateFolder(), 'org.db')
    const full = await startOrg({ data, speed: 'instant', roomFor: 150, ledger: true })
    const first = await run(oneByOne, { files: { 'a.csv': csv }, env: environment(full) })
    await full.close()
    expect({ code: first.code, said: first.stderr }).toEqual({
      code: 5,
      said: expect.stringMatching(/the org has no room for more records\n {2}→ sfbulk resume \d/),
    })
    expect(first.files['a.errors.csv']).toBeUndefined()
    const org = await startTestOrg({ data, ledger: true })
    const last = await run('resume -q', { cwd: first.cwd, env: environment(org) })
    const errors = last.files['a.errors.csv'] ?? ''
    const refused = errors.split('STORAGE_LIMIT_EXCEEDED:storage limit exceeded').length - 1
    expect(last.code).toBe(3)
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(rows / 2)
    expect([...org.writes().values()].every((writes) => writes === 1)).toBe(true)
    expect(org.writes().size).toBe(rows - countRows(errors))
  })

  it('in the last of its jobs leaves nothing to wait for', async () => {
    const org = await startTestOrg({ roomFor: 1 })
    const { code, files } = await run('insert Account a.csv -q', {
      files: { 'a.csv': 'Name\none\ntwo\n' },
      env: environment(org),
    })
    expect({ code, errors: files['a.errors.csv'] }).toEqual({
      code: 3,
      errors: 'Name,sf__Line,sf__Id,sf__Error\ntwo,3,,"STORAGE_LIMIT_EXCEEDED:storage limit exceeded:--"\n',
    })
  })
})

describe('a disk that is full', () => {
  it.each([8, 24, 60])('at files of %i KiB ends a load with the name of the file, and resume goes on', async (size) => {
    const org = await startTestOrg({ ledger: true })
    const cwd = privateFolder()
    writeFileSync(join(cwd, 'a.csv'), csv)
    const { code, stderr } = await runWithSmallFiles(line, size, cwd, environment(org))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/EFBIG|File too large/i) })
    expect(stderr).toMatch(/resume/)
    await expectWhole(org, await run('resume -q', { cwd, env: environment(org) }))
  })

  it.skipIf(!canMount)('that is a small file system of its own ends a load the same way', async () => {
    const org = await startTestOrg({ ledger: true })
    const cwd = privateFolder()
    const disk = mountDisk(join(cwd, 'disk'), '24k')
    const line =
      'insert Account a.csv --api bulk --job-bytes 21000 --no-check -q --success disk/s.csv --errors disk/e.csv'
    const env = environment(org)
    const { code, stderr } = await run(line, { cwd, env, files: { 'a.csv': csv } })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('the disk is full: ') })
    expect(stderr).toMatch(/disk\/s\.csv could not be written\n {2}→ sfbulk resume \d/)
    disk.resize('4m')
    const { files, code: end } = await run('resume -q', { cwd, env })
    expect(end).toBe(3)
    expect([withoutIds(files['disk/s.csv']), files['disk/e.csv']]).toEqual(await undisturbed())
    expect([...org.writes().values()].every((writes) => writes === 1)).toBe(true)
  })

  it('leaves nothing of a copy of a sync file, so that the command can be run again', async () => {
    const org = await startTestOrg()
    const env = environment(org)
    const { cwd } = await run('sync init crm.db --object Account --fields Name', { env })
    const { code, stderr } = await runWithSmallFiles('sync backup crm.db copy.db', 40, cwd, env)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('crm.db: ') })
    const again = await run('sync backup crm.db copy.db', { cwd, env })
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('copied to copy.db') })
    expect(Object.keys(again.files).filter((name) => name.startsWith('copy'))).toEqual(['copy.db'])
  })

  it('leaves of a query what there was room for, under another name', async () => {
    const org = await startTestOrg()
    const env = environment(org)
    const { cwd } = await run(line, { files: { 'a.csv': csv }, env })
    const query = 'query "SELECT Name, Site FROM Account" --output rows.csv'
    const { code, stderr } = await runWithSmallFiles(query, 8, cwd, env)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/cannot write to .*rows\.csv: EFBIG/) })
    const { files } = await run('limits', { cwd, env })
    expect(Object.keys(files).filter((name) => name.startsWith('rows'))).toEqual(['rows.csv.partial'])
  })
})

describe('a job that fails because a limit of the day is reached', () => {
  const message = 'ExceededQuota : ApiBatchItems Limit exceeded'

  it('is the last one for now; resume sends the rest and tells of the rows that it left', async () => {
    const data = join(privateFolder(), 'org.db')
    const failing = await startOrg({ data, speed: 'instant', failJobs: { afterRows: 20, message }, ledger: true })
    const first = await run(oneByOne, { files: { 'a.csv': csv }, env: environment(failing) })
    await failing.close()
    expect({ code: first.code, said: first.stderr }).toEqual({
      code: 5,
      said: expect.stringMatching(/ExceededQuota : ApiBatchItems Limit exceeded\n {2}→ sfbulk resume \d/),
    })
    const org = await startTestOrg({ data, ledger: true })
    const last = await run('resume -q', { cwd: first.cwd, env: environment(org) })
    expect({ code: last.code, said: last.stderr }).toEqual({ code: 1, said: expect.stringContaining(message) })
    const errors = last.files['a.errors.csv'] ?? ''
    const unprocessed = errors.split(`UNPROCESSED:${message}`).length - 1
    expect(unprocessed).toBeGreaterThan(0)
    expect(unprocessed).toBeLessThan(rows / 2)
    expect([...org.writes().values()].every((writes) => writes === 1)).toBe(true)
    expect(org.writes().size).toBe(rows - countRows(errors))
  })
})

describe('jobs that fail halfway', () => {
  it('leave rows unprocessed, which the errors file sends again', async () => {
    const org = await openFaultOrg({
      failJobs: { afterRows: 50, message: 'InternalServerError : Tried more than 20 times' },
    })
    const { account, errors = '' } = await org.load({ api: 'bulk', operation: 'insert', object: 'Account', csv })
    expect(account).toMatchObject({ exit: 'failed', rows: { read: rows, accepted: 49, unknown: 0 } })
    expect(account.rows.rejected + account.rows.unprocessed).toBe(rows - 49)
    expect(errors).toContain('UNPROCESSED:InternalServerError : Tried more than 20 times')
    let left = errors
    for (let round = 0; round < 20 && left.includes('UNPROCESSED'); round++) {
      left = (await org.load({ api: 'bulk', operation: 'insert', object: 'Account', csv: left })).errors ?? ''
    }
    expect(await org.rows('SELECT COUNT(Id) FROM Account')).toEqual(['{"expr0":688}'])
    expect(org.writtenTwice()).toEqual([])
  })
})

/** Whether this user may mount file systems. */
const canMount = process.getuid?.() === 0 && tryMount()

function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-mount-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0
  if (mounted) spawnSync('umount', [folder])
  return mounted
}

/** A file system in memory, gone when the test ends. */
function mountDisk(folder: string, size: string) {
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return { resize: (room: string) => void execFileSync('mount', ['-o', `remount,size=${room}`, folder]) }
}

/** Runs the built program with a limit for the size of each file that it writes, in KiB. */
async function runWithSmallFiles(line: string, size: number, cwd: string, env: Readonly<Record<string, string>>) {
  const program = resolve('bin/sfbulk.js')
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => `'${quoted ?? plain}'`).join(' ')
  // Without the trap the system would end the process instead of refusing the write; a block has 512 bytes.
  const script = `trap '' XFSZ; ulimit -f ${size * 2}; exec '${process.execPath}' '${program}' ${words}`
  const child = spawn('sh', ['-c', script], {
    cwd,
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, SFBULK_HOME: `${cwd}.home`, ...env },
  })
  const said: Buffer[] = []
  child.stderr.on('data', (piece) => said.push(piece))
  child.stdout.resume()
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, stderr: Buffer.concat(said).toString() }
}
