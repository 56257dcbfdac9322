import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openDatabase, selectRows } from '../../src/sqlite/database.ts'
import { lockFile } from '../../src/sqlite/lock-file.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run, start } from '../support/run.ts'

const init = 'sync init crm.db --object Lead --fields LastName,Company'

describe('sfbulk sync', () => {
  it('says that another sync is at work, and does nothing', async () => {
    const { sfbulk, cwd } = await open()
    await sfbulk(init)
    symlinkSync('crm.db', join(cwd, 'other-name.db'))
    for (const name of ['crm.db', 'other-name.db']) {
      const lock = lockFile(join(cwd, 'crm.db-sync'))
      const second = await sfbulk(`sync run ${name}`)
      lock?.release()
      expect(second).toMatchObject({ code: 1 })
      expect(second.stderr).toContain('another sync of')
    }
    expect(await sfbulk('sync run crm.db -q')).toMatchObject({ code: 0 })
  })

  it('refuses an org that the file is no copy of', async () => {
    const { sfbulk, cwd } = await open()
    await sfbulk(init)
    const file = openDatabase(join(cwd, 'crm.db'))
    file.exec("UPDATE sfbulk_file SET value = 'other.my.salesforce.com' WHERE name = 'host'")
    file.close()
    const refused = await sfbulk('sync run crm.db')
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toContain(
      'is a copy of other.my.salesforce.com, and this org is 127.0.0.1: nothing was done',
    )
  })

  it('names what is wrong with a call, and leaves no file behind', async () => {
    const { sfbulk, cwd } = await open()
    for (const [line, words] of [
      ['sync init crm.db --object Lead --fields LastNam', 'did you mean LastName?'],
      ['sync init crm.db --object Leed', 'Did you mean Lead'],
      ['sync init crm.db', 'no object is named'],
      ['sync init crm.db --object Attachment --fields Body', 'holds the content of files'],
      ['sync init crm.db --object Lead -i LastName', 'its external IDs are ERP_Id__c'],
      ['sync init crm.db --object Profile', 'give --pattern incremental or read-only'],
      ['sync init crm.db --config sync.yaml', 'objects[0]: unknown entry "feilds"'],
      ['sync pull crm.db', 'make it: `sfbulk sync init'],
      ['sync watch crm.db --every soon', '--every takes a time such as 30s, 5m or 1h'],
    ] as const) {
      writeFileSync(join(cwd, 'sync.yaml'), 'objects: [{ object: Lead, feilds: [LastName] }]\n')
      const { code, stderr, files } = await sfbulk(line)
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
      expect(Object.keys(files)).toEqual(['sync.yaml'])
    }
  })

  it('names the objects of the file when another one is asked for', async () => {
    const { sfbulk } = await open()
    await sfbulk(init)
    const refused = await sfbulk('sync run crm.db --object Leed')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('crm.db has no object Leed') })
    expect(refused.stderr).toContain('it has Lead')
    expect(await sfbulk('sync run crm.db --object lead -q')).toMatchObject({ code: 0 })
  })

  it('makes a copy that is a sync file itself, and no second one over it', async () => {
    const { sfbulk, cwd } = await open()
    await sfbulk(init)
    expect(await sfbulk('sync backup crm.db copy.db')).toMatchObject({
      code: 0,
      stderr: 'crm.db is sound, and copied to copy.db\n',
    })
    expect(await sfbulk('sync backup crm.db copy.db')).toMatchObject({ code: 2 })
    expect(await sfbulk('sync status copy.db')).toMatchObject({ code: 0 })
    expect(await sfbulk('sync backup leads.csv copy2.db')).toMatchObject({ code: 2 })
    expect(cwd).toBeDefined()
  })

  it('adds objects and fields to a file, whose rows and edits stay', async () => {
    const { sfbulk, cwd } = await open()
    await sfbulk(init)
    const file = openDatabase(join(cwd, 'crm.db'))
    file.exec("INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy')")
    expect(await sfbulk('sync add crm.db --object Account --fields Name --pattern incremental')).toMatchObject({
      code: 0,
    })
    expect(await sfbulk('sync add crm.db --object Lead --fields LastName,Company,Title')).toMatchObject({ code: 0 })
    file.exec("UPDATE Lead SET Title = 'Admiral'")
    const { code, stdout } = await sfbulk('sync run crm.db --json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'crm.db',
      objects: [
        { object: 'Lead', pushed: { create: 1 }, rows: 1 },
        { object: 'Account', pushed: null },
      ],
      exitCode: 0,
    })
    expect(selectRows(file, 'SELECT LastName, Title FROM Lead')).toEqual([['Hopper', 'Admiral']])
    await sfbulk('sync run crm.db -q')
    const runs = await sfbulk('runs')
    expect(runs.stdout.split('\n').filter((line) => line.includes('sync run'))).toEqual([
      expect.stringMatching(/ 1 .* crm\.db$/),
    ])
    file.close()
  })

  it('tells of rejected rows in Salesforce’s words and ends with 3, until they are mended', async () => {
    const { sfbulk, cwd } = await open()
    await sfbulk('sync init crm.db --object Lead --fields LastName,Company,Email')
    const file = openDatabase(join(cwd, 'crm.db'))
    file.exec("INSERT INTO Lead (Id, LastName, Company, Email) VALUES ('local:1', 'Hopper', 'Navy', 'nowhere')")
    expect(await sfbulk('sync run crm.db -q')).toMatchObject({ code: 3 })
    const status = await sfbulk('sync status crm.db')
    expect(status.code).toBe(3)
    expect(status.stdout).toMatch(/^Lead local:1: create: .*INVALID_EMAIL_ADDRESS/m)
    file.exec("UPDATE Lead SET Email = 'grace@example.com'")
    file.close()
    expect(await sfbulk('sync run crm.db -q')).toMatchObject({ code: 0 })
  })

  it('killed while rows are on their way sends none of them twice', async () => {
    const { sfbulk, cwd, env, org } = await open()
    await sfbulk(init)
    const file = openDatabase(join(cwd, 'crm.db'))
    file.exec("INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy'), ('Knuth', 'Stanford')")
    org.faults.add([{ method: 'POST', path: '/Soap/', hang: 'after' }])
    const { child } = await start('sync run crm.db', { cwd, env })
    await vi.waitUntil(async () => (await countLeads(org)) === 2, { timeout: 20_000 })
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await sfbulk('runs')).stdout).toMatch(/ sync run +stopped /)
    const resumed = await sfbulk('resume')
    expect(resumed).toMatchObject({ code: 2, stderr: expect.stringContaining('→ sfbulk sync run crm.db\n') })
    expect(selectRows(file, 'SELECT count(*) FROM sfbulk_pushes')).toEqual([[1]])
    expect(await sfbulk('sync run crm.db -q')).toMatchObject({ code: 0, stderr: '' })
    expect(await countLeads(org)).toBe(2)
    expect(selectRows(file, "SELECT count(*) FROM Lead WHERE Id LIKE '00Q%'")).toEqual([[2]])
    file.close()
  })

  it('watches: syncs, waits, tries again when the org is away, and stops when it is told to', async () => {
    const { sfbulk, cwd, env, org } = await open()
    await sfbulk(init)
    org.faults.add([{ path: '/query', status: 500, times: 9, body: 'away' }])
    const { child } = await start('sync watch crm.db --every 1s', { cwd, env })
    let told = ''
    child.stderr?.setEncoding('utf8')
    for await (const text of child.stderr ?? []) {
      told += text
      if (told.includes('Lead: nothing sent')) child.kill('SIGTERM')
    }
    if (child.exitCode === null) await once(child, 'exit')
    expect(told).toContain('the next try is in')
    expect(child.exitCode).toBe(0)
  })

  it('watches a host that cannot be reached with pauses that grow, and syncs when it is there again', async () => {
    const { sfbulk, cwd, env, org } = await open()
    const front = createServer((socket) => {
      const back = connect(Number(new URL(org.url).port), '127.0.0.1')
      socket.pipe(back).pipe(socket)
      for (const each of [socket, back]) each.on('error', () => each.destroy())
    })
    const listen = (port: number) => new Promise<void>((resolve) => void front.listen(port, '127.0.0.1', resolve))
    await listen(0)
    const { port } = front.address() as AddressInfo
    front.close()
    await sfbulk(init)
    const { child } = await start('sync watch crm.db --every 1s', {
      cwd,
      env: { ...env, SF_INSTANCE_URL: `http://127.0.0.1:${port}` },
    })
    let told = ''
    child.stderr?.setEncoding('utf8')
    for await (const text of child.stderr ?? []) {
      told += text
      if (told.includes('in 2 s') && !front.listening) await listen(port)
      if (told.includes('Lead: nothing sent')) child.kill('SIGTERM')
    }
    front.close()
    expect(told).toMatch(/^(127\.0\.0\.1:\d+ refuses connections; the next try is in [12] s\n){2}Lead: nothing sent/)
  })

  it('says what another program has done to the tables, and reads and writes nothing', async () => {
    const { sfbulk, cwd } = await open()
    for (const [name, sql, words] of [
      ['dropped.db', 'DROP TABLE Lead', 'there is no table Lead'],
      ['renamed.db', 'ALTER TABLE Lead RENAME COLUMN Company TO Firm', 'the table Lead has no column Company'],
      ['anew.db', 'DROP TABLE Lead; CREATE TABLE Lead (Id, LastName, Company)', 'the key of the table Lead is not Id'],
      ['bare.db', 'DROP TRIGGER sfbulk_Lead_update', 'put them back: `sfbulk sync add bare.db --object Lead`'],
    ] as const) {
      await sfbulk(init.replace('crm.db', name))
      const file = openDatabase(join(cwd, name))
      file.exec(sql)
      file.close()
      for (const what of ['run', 'status', 'resolve --ours']) {
        const [command, ...options] = what.split(' ')
        const said = await sfbulk(`sync ${command} ${name} ${options.join(' ')}`.trim())
        expect([said.code, said.stderr]).toEqual([2, expect.stringContaining(words)])
      }
    }
    expect(await sfbulk('sync add bare.db --object Lead')).toMatchObject({ code: 0 })
    expect(await sfbulk('sync run bare.db -q')).toMatchObject({ code: 0, stderr: '' })
  })

  it('says what is in the way of the file: an index of the user, a folder that is not there', async () => {
    const { sfbulk, cwd, org } = await open()
    for (const LastName of ['Lovelace', 'Turing'])
      await org.call('POST', 'sobjects/Lead', { LastName, Company: 'Engine' })
    await sfbulk(init)
    const file = openDatabase(join(cwd, 'crm.db'))
    file.exec('CREATE UNIQUE INDEX own ON Lead (Company)')
    file.close()
    const said = await sfbulk('sync pull crm.db')
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('UNIQUE constraint failed: Lead.Company') })
    expect(said.stderr).toContain('an index, a CHECK or a trigger of your own refuses it')
    const backup = await sfbulk('sync backup crm.db nowhere/copy.db')
    expect(backup).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no folder') })
  })

  it('with --strict sends nothing while there is a conflict, says so, and ends with 3', async () => {
    const { sfbulk, cwd, org } = await open()
    const ids: string[] = []
    for (const LastName of ['Lovelace', 'Turing']) {
      const created = await org.call('POST', 'sobjects/Lead', { LastName, Company: 'Engine' })
      ids.push(((await created.json()) as { readonly id: string }).id)
    }
    await sfbulk(init)
    await sfbulk('sync pull crm.db -q')
    const file = openDatabase(join(cwd, 'crm.db'))
    file.exec("UPDATE Lead SET Company = 'Mine'")
    file.close()
    await org.call('PATCH', `sobjects/Lead/${ids[0]}`, { Company: 'Theirs' })
    const strict = await sfbulk('sync run crm.db --strict')
    expect(strict).toMatchObject({ code: 3, stderr: expect.stringContaining('Lead: nothing sent') })
    expect(strict.stderr).toContain('Lead: 1 row in conflict: see `sfbulk sync conflicts`')
    const company = async () =>
      ((await (await org.call('GET', `sobjects/Lead/${ids[1]}`)).json()) as { readonly Company: string }).Company
    expect(await company()).toBe('Engine')
    expect((await sfbulk('sync run crm.db')).stderr).toContain('Lead: sent: 1 changed')
    expect(await company()).toBe('Mine')
  })
})

async function countLeads(org: TestOrg): Promise<number> {
  const response = await org.call('GET', 'query?q=SELECT+COUNT()+FROM+Lead')
  return ((await response.json()) as { totalSize: number }).totalSize
}

async function open() {
  const org = await startTestOrg()
  const cwd = privateFolder()
  const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
  return { org, cwd, env, sfbulk: (line: string) => run(line, { cwd, env }) }
}
