import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import jsforce from 'jsforce'
import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the example of a local copy', () => {
  it('is read, edited offline, changed in the org meanwhile, synced, and alike on both sides in the end', async () => {
    const org = await startTestOrg()
    const cwd = privateFolder()
    cpSync(join(root, 'examples/sync-leads'), cwd, { recursive: true })
    const sfbulk = (line: string) =>
      run(line, { cwd, env: { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url } })
    const edit = (sql: string) =>
      execFileSync(process.execPath, [join(root, 'test/support/sqlite3.js'), 'crm.db', sql], { cwd })
    const other = new jsforce.Connection({ instanceUrl: org.url, accessToken: org.accessToken, version: '66.0' })

    await sfbulk('insert Lead leads.csv -q')
    expect(await sfbulk('sync init crm.db --config sync.yaml')).toMatchObject({ code: 0 })
    expect(await sfbulk('sync pull crm.db')).toMatchObject({ code: 0, stderr: 'Lead: all 4 rows read: 4 written\n' })

    edit(readFileSync(join(cwd, 'offline.sql'), 'utf8'))
    const named = async (name: string) => String((await other.sobject('Lead').findOne({ LastName: name }))?.Id)
    await other.sobject('Lead').update({ Id: await named('Lovelace'), Title: 'Lady Byron' })
    await other.sobject('Lead').update({ Id: await named('Hopper'), Company: 'Eckert-Mauchly' })
    await other.sobject('Lead').destroy(await named('Turing'))
    await other.sobject('Lead').create({ LastName: 'Knuth', Company: 'Stanford' })

    const first = await sfbulk('sync run crm.db --json -q')
    expect(first.code).toBe(3)
    expect(JSON.parse(first.stdout).objects[0]).toMatchObject({
      pushed: { create: 1, update: 1, delete: 1, rejected: 0 },
      conflicts: 1,
      pending: { create: 0, update: 1, delete: 0 },
    })
    const listed = await sfbulk('sync conflicts crm.db --json')
    expect(listed.code).toBe(3)
    expect(JSON.parse(listed.stdout).conflicts).toMatchObject([
      { object: 'Lead', field: 'Title', base: 'Countess', local: 'Countess of Lovelace', remote: 'Lady Byron' },
    ])

    expect(await sfbulk('sync resolve crm.db --rules rules.yaml')).toMatchObject({
      code: 0,
      stderr: '1 decided, 0 left\n',
    })
    expect(await sfbulk('sync run crm.db -q')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await sfbulk('sync status crm.db --json')).toMatchObject({ code: 0 })

    const rows = String(edit('SELECT Id, FirstName, LastName, Title, Company FROM Lead ORDER BY Id'))
    expect(rows).toBe(await readOrg(org))
    expect(rows.split('\n').map((row) => row.split('|')[2])).toEqual([
      'Lovelace',
      'Hopper',
      'Knuth',
      'Liskov',
      undefined,
    ])
  }, 60_000)
})

async function readOrg(org: TestOrg): Promise<string> {
  const soql = 'SELECT Id, FirstName, LastName, Title, Company FROM Lead ORDER BY Id'
  const response = await org.call('GET', `query?q=${encodeURIComponent(soql)}`)
  const { records } = (await response.json()) as { records: Readonly<Record<string, string | null>>[] }
  const lines = records.map(({ attributes: _, ...fields }) =>
    Object.values(fields)
      .map((value) => value ?? '')
      .join('|'),
  )
  return lines.map((line) => `${line}\n`).join('')
}
