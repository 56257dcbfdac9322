import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/command-line.ts'
import { makeIncremental } from '../../src/extract/incremental-query.ts'
import { openDatabase } from '../../src/sqlite/database.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

type Row = Readonly<Record<string, string>>

const query = 'query "SELECT Id, LastName, Company FROM Lead" --incremental --state leads.state --output changes.csv'

function connection(org: TestOrg): Record<string, string> {
  return { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
}

async function write(org: TestOrg, method: string, id: string, fields?: Row): Promise<string> {
  const response = await org.call(method, `sobjects/Lead${id === '' ? '' : `/${id}`}`, fields)
  expect(response.ok).toBe(true)
  return method === 'POST' ? ((await response.json()) as { id: string }).id : id
}

/** The program without a process of its own: thirty nights are many. */
async function runInProcess(line: string, folder: string, env: Readonly<Record<string, string>>): Promise<number> {
  const quiet = () => new Writable({ write: (_chunk, _encoding, done) => done() })
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const output = words.indexOf('--output') + 1
  words[output] = join(folder, words[output] ?? '')
  const environment = { ...env, SFBULK_HOME: `${folder}.home` }
  return await runCommandLine(words, {
    stdin: Readable.from([]),
    stdout: quiet(),
    stderr: quiet(),
    environment,
    folder,
  })
}

/** Runs the query and lays its rows over those known so far, as the reader of the changes would. */
async function nightly(org: TestOrg, cwd: string, known: Map<string, Row>): Promise<readonly Row[]> {
  expect(await runInProcess(query, cwd, connection(org))).toBe(0)
  const rows = parse(readFileSync(join(cwd, 'changes.csv')), { columns: true }) as Row[]
  for (const row of rows) {
    if (row.IsDeleted === 'true') known.delete(row.Id ?? '')
    else known.set(row.Id ?? '', row)
  }
  return rows
}

describe('an incremental query', () => {
  it('run 30 times with changes in between equals the full one, and delivers no row twice', async () => {
    const org = await startTestOrg()
    const cwd = privateFolder()
    const known = new Map<string, Row>()
    const ids: string[] = []
    for (let night = 0; night < 30; night++) {
      const changed = new Set<string>()
      for (const name of ['a', 'b']) {
        const id = await write(org, 'POST', '', { LastName: `${name}${night}`, Company: 'New' })
        ids.push(id)
        changed.add(id)
      }
      if (night % 2 === 1) changed.add(await write(org, 'PATCH', ids[night] ?? '', { Company: `Changed ${night}` }))
      if (night % 5 === 4) {
        const [gone = ''] = ids.splice(night % 7, 1)
        // A row that came and went since the last night was never known.
        changed.add(await write(org, 'DELETE', gone))
      }
      const rows = await nightly(org, cwd, known)
      expect(new Set(rows.map(({ Id }) => Id))).toEqual(changed)
      expect(rows).toHaveLength(changed.size)
    }
    const full = await run('query "SELECT Id, LastName, Company FROM Lead"', { env: connection(org) })
    const rows = parse(full.stdout, { columns: true }) as Row[]
    const inOrder = (list: readonly Row[]) => list.map((row) => `${row.Id} ${row.LastName} ${row.Company}`).sort()
    expect(inOrder([...known.values()])).toEqual(inOrder(rows))
    expect(rows).toHaveLength(54)
  })

  it('delivers the same rows again when the file could not be written', async () => {
    const org = await startTestOrg()
    await write(org, 'POST', '', { LastName: 'One', Company: 'New' })
    const cwd = privateFolder()
    const failed = await run(query.replace('changes.csv', 'no/such/folder.csv'), { cwd, env: connection(org) })
    expect(failed.code).toBe(2)
    expect(await nightly(org, cwd, new Map())).toHaveLength(1)
    expect(await nightly(org, cwd, new Map())).toHaveLength(0)
  })

  it('delivers them again when a result broke off', async () => {
    const org = await startTestOrg()
    const cwd = privateFolder()
    await write(org, 'POST', '', { LastName: 'One', Company: 'New' })
    org.faults.add([{ path: '/query', status: 400, body: [{ errorCode: 'INVALID_FIELD', message: 'no' }] }])
    expect(await run(query, { cwd, env: connection(org) })).toMatchObject({ code: 2 })
    expect(await nightly(org, cwd, new Map())).toHaveLength(1)
  })

  it('is not kept from what changes by a record from the future, which comes once', async () => {
    const data = join(privateFolder(), 'org.db')
    const org = await startTestOrg({ data })
    const cwd = privateFolder()
    const early = await write(org, 'POST', '', { LastName: 'Early', Company: 'New' })
    const file = openDatabase(data)
    file.exec("UPDATE Lead SET SystemModstamp = '2999-01-01T00:00:00.000+0000'")
    file.close()
    expect(await nightly(org, cwd, new Map())).toMatchObject([{ Id: early }])
    const late = await write(org, 'POST', '', { LastName: 'Late', Company: 'New' })
    expect(await nightly(org, cwd, new Map())).toMatchObject([{ Id: late }])
    expect(await nightly(org, cwd, new Map())).toEqual([])
  })

  it('refuses the state of another query, and one that is no state', async () => {
    const org = await startTestOrg()
    await write(org, 'POST', '', { LastName: 'One', Company: 'New' })
    const cwd = privateFolder()
    await nightly(org, cwd, new Map())
    const other = await run(query.replace('Company', 'Phone'), { cwd, env: connection(org) })
    expect(other).toMatchObject({ code: 2 })
    expect(other.stderr).toContain('is the state of another query')
    const damaged = await run(query, { cwd, env: connection(org), files: { 'leads.state': '{' } })
    expect(damaged.stderr).toContain('delete this one to read all rows again')
  })

  it('refuses a query whose changes cannot be told', async () => {
    const { code, stderr } = await run('query "SELECT COUNT(Id) FROM Lead" --incremental --state s -o local')
    expect(code).toBe(2)
    expect(stderr).toContain('--incremental takes a query of plain fields without LIMIT')
  })
})

describe('the query for what changed', () => {
  const from = Date.parse('2026-03-01T12:00:00Z')
  const since = 'SystemModstamp >= 2026-03-01T12:00:00.000Z'

  it('keeps the condition, the order and the texts as they are', () => {
    expect(
      makeIncremental("SELECT Id, Name FROM Account WHERE Name = 'a ORDER BY (' OR Site = 'x' ORDER BY Name", from),
    ).toBe(
      `SELECT Id, Name, SystemModstamp, IsDeleted FROM Account WHERE (Name = 'a ORDER BY (' OR Site = 'x') AND ${since} ORDER BY Name`,
    )
    expect(makeIncremental('select systemmodstamp, isdeleted, ID from Account', from)).toBe(
      `select systemmodstamp, isdeleted, ID from Account WHERE ${since}`,
    )
    expect(makeIncremental('SELECT Id FROM Account WITH SECURITY_ENFORCED', undefined)).toBe(
      'SELECT Id, SystemModstamp, IsDeleted FROM Account WITH SECURITY_ENFORCED',
    )
  })

  it('holds any text of the condition', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ORDER BY ', '(', ')', '"', ' where ', '\\\\', "\\'") }),
        (text) => {
          const condition = `Name = '${text}'`
          expect(makeIncremental(`SELECT Id FROM Account WHERE ${condition} ORDER BY Id`, from)).toBe(
            `SELECT Id, SystemModstamp, IsDeleted FROM Account WHERE (${condition}) AND ${since} ORDER BY Id`,
          )
        },
      ),
    )
  })
})
