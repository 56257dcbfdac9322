import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

const names = ['Falkensee, "Wind" AG', 'two\nlines', '=1+1', 'Ünïcode', 'plain', 'six', 'seven']
const contacts = [
  'LastName,Birthdate,Email,HasOptedOutOfEmail,Account.ERP_Id__c',
  ...names.map(
    (name, index) =>
      `"${name.replaceAll('"', '""')}",2001-0${index + 1}-28,p${index}@example.com,${index % 2 === 0},A-1`,
  ),
].join('\n')
const accounts = 'Name,ERP_Id__c,AnnualRevenue,NumberOfEmployees\nParent,A-1,890000000,12\n'
const soql =
  'SELECT LastName, Birthdate, HasOptedOutOfEmail, CreatedDate, Phone, Account.AnnualRevenue, Account.NumberOfEmployees FROM Contact ORDER BY Email'

/** A folder whose local org holds the contacts. */
async function filledOrg(): Promise<string> {
  const cwd = privateFolder()
  const files = { 'accounts.csv': accounts, 'contacts.csv': contacts }
  await run('insert Account accounts.csv -o local --success none', { cwd, files })
  const { code, stderr } = await run('insert Contact contacts.csv -o local --success none', { cwd })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return cwd
}

describe('the format of a query', () => {
  it('is JSON Lines with numbers, booleans and null where the fields are such', async () => {
    const cwd = await filledOrg()
    const { stdout, code } = await run(`query "${soql}" --format jsonl -o local`, { cwd })
    expect(code).toBe(0)
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map((row) => row.LastName)).toEqual(names)
    expect(rows[0]).toMatchObject({
      Birthdate: '2001-01-28',
      HasOptedOutOfEmail: true,
      Phone: null,
      'Account.AnnualRevenue': 890000000,
      'Account.NumberOfEmployees': 12,
    })
  })

  it('is Parquet with typed columns, and the same rows as the CSV', async () => {
    const cwd = await filledOrg()
    const { stdout } = await run(`query "${soql}" --output rows.parquet -o local --json`, { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ rows: 7, files: { output: 'rows.parquet' } })
    const bytes = readFileSync(join(cwd, 'rows.parquet'))
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
    const rows = await parquetReadObjects({ file })
    expect(rows.map((row) => row.LastName)).toEqual(names)
    expect(rows[1]).toMatchObject({
      Birthdate: new Date('2001-02-28'),
      HasOptedOutOfEmail: false,
      Phone: null,
      'Account.AnnualRevenue': 890000000,
      'Account.NumberOfEmployees': 12,
    })
    expect(rows[0]?.CreatedDate).toBeInstanceOf(Date)
    const created = parquetMetadata(file).schema.find(({ name }) => name === 'CreatedDate')
    expect(created?.logical_type).toEqual({ type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' })
  })

  it('is that of the --format, whatever the name, and columns keep the names of --map', async () => {
    const cwd = await filledOrg()
    await run(
      'query "SELECT LastName FROM Contact LIMIT 1" --map LastName=Surname --format jsonl --output rows.txt -o local',
      { cwd },
    )
    expect(readFileSync(join(cwd, 'rows.txt'), 'utf8')).toMatch(/^\{"Surname":"[^\n]*"\}\n$/)
  })

  it('is CSV, and said to be, when the name tells another one', async () => {
    const { stderr, files } = await run('query "SELECT Id FROM Contact" --output rows.xlsx -o local')
    expect(files['rows.xlsx']).toBe('"Id"\n')
    expect(stderr).toContain('rows.xlsx becomes CSV: its name tells none of the formats that are written')
  })

  it('tells counts and sums as numbers', async () => {
    const cwd = await filledOrg()
    const { stdout } = await run(
      'query "SELECT COUNT(Id) many, SUM(AnnualRevenue) FROM Account" --format jsonl -o local',
      { cwd },
    )
    expect(JSON.parse(stdout)).toEqual({ many: 1, expr0: 890000000 })
    const all = await run('query "SELECT COUNT() FROM Account" --format jsonl -o local', { cwd })
    expect(JSON.parse(all.stdout)).toEqual({ count: 1 })
  })

  it('tells the least and the greatest, what is grouped and what has an alias by their fields', async () => {
    const cwd = await filledOrg()
    const ask = async (query: string) =>
      JSON.parse((await run(`query "${query}" --format jsonl -o local`, { cwd })).stdout)
    expect(await ask('SELECT MAX(AnnualRevenue), MIN(Name) FROM Account')).toEqual({
      expr0: 890000000,
      expr1: 'Parent',
    })
    expect(await ask('SELECT NumberOfEmployees n, COUNT(Id) FROM Account GROUP BY NumberOfEmployees')).toEqual({
      n: 12,
      expr0: 1,
    })
    const { AnnualRevenue } = await ask('SELECT FORMAT(AnnualRevenue) FROM Account')
    expect(AnnualRevenue).toBeTypeOf('string')
  })

  it('is refused where it makes no sense', async () => {
    const packed = await run('query "SELECT Id FROM Contact" --output rows.parquet.gz -o local')
    expect(packed.code).toBe(2)
    expect(packed.stderr).toContain('Parquet is compressed in itself')
    const streamed = await run('query "SELECT Id FROM Contact" --split-rows 5 -o local')
    expect(streamed.stderr).toContain('--split-rows needs --output')
  })
})

describe('a result in several files', () => {
  it('has a header and the rows asked for in each, and all rows in their order', async () => {
    const cwd = await filledOrg()
    const { stdout } = await run(`query "${soql}" --split-rows 3 --output rows.csv -o local --json`, { cwd })
    const whole = await run(`query "${soql}" -o local`, { cwd })
    const paths = ['rows-001.csv', 'rows-002.csv', 'rows-003.csv']
    expect(JSON.parse(stdout).files.output).toEqual(paths)
    const texts = paths.map((path) => readFileSync(join(cwd, path), 'utf8'))
    const [header] = whole.stdout.split('\n')
    for (const text of texts) expect(text.startsWith(`${header}\n`)).toBe(true)
    expect(`${header}\n${texts.map((text) => text.slice(`${header}\n`.length)).join('')}`).toBe(whole.stdout)
  })

  it('tells of files that a longer result has left', async () => {
    const cwd = await filledOrg()
    const split = 'query "SELECT Email FROM Contact" --output rows.csv -o local --split-rows'
    expect((await run(`${split} 2`, { cwd })).stderr).not.toContain('earlier')
    const { code, stderr } = await run(`${split} 4`, { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain('rows-003.csv is of an earlier query, and so are those after it: delete them')
  })

  it('can be compressed, each file by itself', async () => {
    const cwd = await filledOrg()
    await run('query "SELECT Email FROM Contact ORDER BY Email" --split-rows 4 --output rows.csv.gz -o local', { cwd })
    const texts = ['rows-001.csv.gz', 'rows-002.csv.gz'].map((name) =>
      gunzipSync(readFileSync(join(cwd, name))).toString(),
    )
    expect(texts).toEqual([
      '"Email"\n"p0@example.com"\n"p1@example.com"\n"p2@example.com"\n"p3@example.com"\n',
      '"Email"\n"p4@example.com"\n"p5@example.com"\n"p6@example.com"\n',
    ])
  })

  it('is one file with a header alone when there is no row', async () => {
    const cwd = await filledOrg()
    const { code, files } = await run(
      `query "SELECT Email FROM Contact WHERE Email = 'x'" --split-rows 4 --output none.csv -o local`,
      { cwd },
    )
    expect({ code, none: files['none-001.csv'] }).toEqual({ code: 0, none: '"Email"\n' })
  })
})
