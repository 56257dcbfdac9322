import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

/** Edits a file by statements that the editor commits; throws what the editor says. */
type Edit = (file: string, statements: readonly string[]) => Promise<void>

interface Editor {
  readonly name: string
  readonly edit: Edit
  /** Why it cannot be tried here. */
  readonly missing: string | undefined
}

const editors: readonly Editor[] = [
  { name: 'Python’s sqlite3', edit: editByPython, missing: whyMissing('python3', ['-c', 'import sqlite3']) },
  { name: 'the sqlite3 shell', edit: editByShell, missing: whyMissing('sqlite3', ['--version']) },
  { name: 'DuckDB', edit: editByDuckDb, missing: await whyNoDuckDb() },
]
for (const { name, missing } of editors) if (missing !== undefined) console.warn(`Skipped: ${name}: ${missing}`)

const edits = [
  "INSERT INTO Lead (LastName, Company) VALUES ('Liskov', 'MIT')",
  "UPDATE Lead SET Title = 'Countess' WHERE LastName = 'Lovelace'",
  "DELETE FROM Lead WHERE LastName = 'Turing'",
]

describe.each(editors)('a sync file that is edited by $name', ({ edit, missing }) => {
  it.skipIf(missing !== undefined)('tells what waits, and sends it', async () => {
    const { org, cwd, sfbulk } = await openCopy()
    await edit(join(cwd, 'crm.db'), edits)
    const status = JSON.parse((await sfbulk('sync status crm.db --json')).stdout)
    expect(status.objects[0].pending).toEqual({ create: 1, update: 1, delete: 1 })
    expect(await sfbulk('sync run crm.db')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Lead: sent: 1 created, 1 changed, 1 deleted'),
    })
    const soql = 'query?q=SELECT+LastName,Title+FROM+Lead+ORDER+BY+LastName'
    expect(await (await org.call('GET', soql)).json()).toMatchObject({
      records: [
        { LastName: 'Liskov', Title: null },
        { LastName: 'Lovelace', Title: 'Countess' },
      ],
    })
  })

  it.skipIf(missing !== undefined)('refuses what cannot be sent, in words', async () => {
    const { cwd } = await openCopy()
    await expect(edit(join(cwd, 'crm.db'), ["UPDATE Lead SET Id = '00Q000000000001AAA'"])).rejects.toThrow(
      'the Id of a Lead cannot be changed',
    )
  })
})

async function openCopy() {
  const org = await startTestOrg()
  const cwd = privateFolder()
  const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
  const sfbulk = (line: string) => run(line, { cwd, env })
  for (const LastName of ['Lovelace', 'Turing'])
    await org.call('POST', 'sobjects/Lead', { LastName, Company: 'Engine' })
  await sfbulk('sync init crm.db --object Lead --fields LastName,Company,Title -q')
  await sfbulk('sync pull crm.db -q')
  return { org, cwd, sfbulk }
}

async function editByPython(file: string, statements: readonly string[]): Promise<void> {
  const program =
    'import json, sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as db:\n  for sql in json.loads(sys.argv[2]): db.execute(sql)'
  runEditor('python3', ['-c', program, file, JSON.stringify(statements)])
}

async function editByShell(file: string, statements: readonly string[]): Promise<void> {
  runEditor('sqlite3', [file, `${statements.join(';')};`])
}

async function editByDuckDb(file: string, statements: readonly string[]): Promise<void> {
  const database = await openDuckDb()
  await database.runAndReadAll(`ATTACH '${file}' AS crm (TYPE sqlite)`)
  await database.runAndReadAll('USE crm')
  for (const sql of statements) await database.runAndReadAll(sql)
}

function runEditor(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

function whyMissing(program: string, args: readonly string[]): string | undefined {
  return spawnSync(program, args).status === 0 ? undefined : `${program} is not on this machine`
}

interface DuckDbConnection {
  runAndReadAll(sql: string): Promise<unknown>
}

async function openDuckDb(): Promise<DuckDbConnection> {
  const place = join(resolve(process.env.SFBULK_CLIENTS ?? '.clients'), 'duckdb', 'node_modules', '@duckdb', 'node-api')
  if (!existsSync(place)) throw new Error('it is not installed; node scripts/clients.js does it')
  const { DuckDBInstance } = createRequire(import.meta.url)(place) as {
    readonly DuckDBInstance: { create(): Promise<{ connect(): Promise<DuckDbConnection> }> }
  }
  const database = await (await DuckDBInstance.create()).connect()
  await database.runAndReadAll('INSTALL sqlite; LOAD sqlite')
  return database
}

/** Its extension for SQLite is fetched from its makers. */
async function whyNoDuckDb(): Promise<string | undefined> {
  try {
    await openDuckDb()
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
}
