import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDatabase, selectRows } from '../src/sqlite/database.ts'
import { interleave, median, run } from './measure.ts'
import type { Line } from './report.ts'
import { seconds } from './report.ts'
import { runOptions, type Setting } from './setting.ts'

const fields =
  'FirstName,LastName,Company,Title,Street,City,PostalCode,Country,Phone,Email,Website,Description,LeadSource,' +
  'AnnualRevenue,NumberOfEmployees,ERP_Id__c,Status,CreatedDate,LastModifiedDate'

/** The first pull of a table with 20 columns against a plain query of the same, and what later syncs cost in calls. */
export async function measureSync(setting: Setting): Promise<Line[]> {
  const rows = setting.quick ? 100_000 : 1_000_000
  const folder = join(setting.folder, 'sync')
  await mkdir(folder)
  const org = await startOrg(setting, folder)
  try {
    const own = { ...setting, folder, environment: { SFBULK_HOME: join(folder, 'home'), ...org.environment } }
    await fillOrg(own, org.data, rows)
    const options = runOptions(own)
    const sfbulk = (...words: string[]) => run([...setting.sfbulk, ...words], options)
    const runs = await interleave(setting.rounds, {
      query: () => sfbulk('query', `SELECT Id,${fields} FROM Lead`, '--api', 'bulk', '--output', 'rows.csv', '--quiet'),
      pull: async () => {
        for (const suffix of ['', '-wal', '-shm']) await rm(join(folder, `crm.db${suffix}`), { force: true })
        await sfbulk('sync', 'init', 'crm.db', '--object', 'Lead', '--fields', fields, '--quiet')
        return await sfbulk('sync', 'pull', 'crm.db', '--quiet')
      },
    })
    const [query, pull] = [
      median(runs.query.map((each) => each.seconds)),
      median(runs.pull.map((each) => each.seconds)),
    ]
    const { size } = await stat(join(folder, 'crm.db'))
    return [
      {
        what: `first pull of ${rows.toLocaleString('en')} rows, of the rate of a query`,
        value: (query / pull) * 100,
        unit: ' %',
        limit: { kind: 'least', value: 60 },
        note: `${seconds(pull, query)}, ${Math.round(size / 1e6)} MB`,
      },
      {
        what: '… its memory',
        value: median(runs.pull.map((each) => each.peak ?? 0)) || undefined,
        unit: ' MB',
        limit: { kind: 'most', value: 250 },
      },
      ...(await measureLater(own, org.data, rows, pull)),
    ]
  } finally {
    org.stop()
  }
}

/** What a sync costs after a thousandth of the records has changed, and what 10,000 and 150 edits cost. */
async function measureLater(setting: Setting, data: string, rows: number, firstPull: number): Promise<Line[]> {
  const old = "SystemModstamp = '2020-01-01T00:00:00.000Z'"
  change(
    data,
    `UPDATE Lead SET ${old} WHERE number % 1000 <> 0; UPDATE Lead SET Title = 'changed' WHERE number % 1000 = 0`,
  )
  const nightly = await countCalls(setting, ['sync', 'pull', 'crm.db'])
  const many = await push(setting, 10_000)
  await countCalls(setting, ['sync', 'pull', 'crm.db'])
  const few = await push(setting, 150)
  return [
    {
      what: `pull of ${(rows / 1000).toLocaleString('en')} changes, calls`,
      value: nightly.calls,
      unit: '',
      limit: { kind: 'most', value: 5 },
    },
    {
      what: '… its time, of the first pull',
      value: (nightly.seconds / firstPull) * 100,
      unit: ' %',
      limit: { kind: 'most', value: 10 },
      note: seconds(nightly.seconds, firstPull),
    },
    {
      what: 'push of 10,000 edits, jobs',
      value: many.jobs,
      unit: '',
      limit: { kind: 'most', value: 1 },
      note: `${many.calls} calls, ${many.seconds.toFixed(1)} s`,
    },
    {
      what: 'push of 150 edits, SOAP calls',
      value: few.soapCalls,
      unit: '',
      limit: { kind: 'most', value: 1 },
      note: `${few.jobs} jobs, ${few.calls} calls, ${few.seconds.toFixed(1)} s`,
    },
  ]
}

/** Edits so many rows and sends them. */
async function push(setting: Setting, edits: number): Promise<Counted> {
  const file = openDatabase(join(setting.folder, 'crm.db'))
  file.exec(`UPDATE Lead SET Title = 'edited ${edits}' WHERE rowid <= ${edits}`)
  const pending = Number(selectRows(file, 'SELECT count(*) FROM sfbulk_pending')[0]?.[0])
  file.close()
  if (pending !== edits) throw new Error(`${pending} edits wait, not ${edits}`)
  return await countCalls(setting, ['sync', 'push', 'crm.db'])
}

interface Counted {
  readonly calls: number
  readonly jobs: number
  readonly soapCalls: number
  readonly seconds: number
}

async function countCalls(setting: Setting, words: readonly string[]): Promise<Counted> {
  const [program = '', ...args] = [...setting.sfbulk, ...words, '--json', '--verbose']
  const began = performance.now()
  const child = spawn(program, args, { cwd: setting.folder, env: { ...process.env, ...setting.environment } })
  let [told, log] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk
  })
  await once(child, 'close')
  const { apiCalls } = JSON.parse(told) as { readonly apiCalls: number }
  return {
    calls: apiCalls,
    jobs: log.match(/POST \S*\/jobs\/ingest 200/g)?.length ?? 0,
    soapCalls: log.match(/POST \S*\/Soap\/\S* 200/g)?.length ?? 0,
    seconds: (performance.now() - began) / 1000,
  }
}

/** The local org in a process of its own, so that its work is not counted. */
async function startOrg(setting: Setting, folder: string) {
  const data = join(folder, 'org.db')
  const [program = '', ...args] = [...setting.sfbulk, 'org', 'start', '--json', '--data', data]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { url, accessToken } = JSON.parse(line.toString()) as { readonly url: string; readonly accessToken: string }
  const environment = { SF_INSTANCE_URL: url, SF_ACCESS_TOKEN: accessToken }
  return { data, environment, stop: () => void child.kill() }
}

/** Loads one lead and copies it within the org's file: filling it by its own APIs would take longer than all measurements. */
async function fillOrg(setting: Setting, data: string, rows: number): Promise<void> {
  const header = fields.split(',').filter((name) => !/Date$|Status/.test(name))
  const cells = header.map((name) => values[name] ?? `Some text of ${name}`)
  await writeFile(join(setting.folder, 'lead.csv'), `${header.join(',')}\n${cells.join(',')}\n`)
  await run([...setting.sfbulk, 'insert', 'Lead', 'lead.csv', '--quiet', '--success', 'none'], runOptions(setting))
  const storage = openDatabase(data)
  const columns = selectRows(storage, "SELECT name FROM pragma_table_info('Lead')").map(([name]) => String(name))
  const copied = columns.map((name) => {
    if (name === 'number') return 'number + i'
    if (name === 'Id') return "'00QLc' || printf('%010d', number + i) || 'MAA'"
    if (name === 'ERP_Id__c') return "'E-' || i"
    return name === 'LastName' ? "'Lovelace ' || i" : `"${name}"`
  })
  storage.close()
  const list = columns.map((name) => `"${name}"`).join(', ')
  change(
    data,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows - 1})
     INSERT INTO Lead (${list}) SELECT ${copied.join(', ')} FROM Lead, n`,
  )
}

const values: Readonly<Record<string, string>> = {
  Email: 'ada@example.com',
  PostalCode: 'W1J 7NT',
  Website: 'https://example.com',
  Phone: '+44 20 7946 0000',
  AnnualRevenue: '123456.78',
  NumberOfEmployees: '42',
  LeadSource: 'Web',
}

function change(data: string, sql: string): void {
  const storage = openDatabase(data)
  storage.exec(`PRAGMA foreign_keys = OFF; ${sql}`)
  storage.close()
}
