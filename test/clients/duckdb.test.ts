import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

const place = join(resolve(process.env.SFBULK_CLIENTS ?? '.clients'), 'duckdb', 'node_modules', '@duckdb', 'node-api')
const isMissing = !existsSync(place)
if (isMissing) console.warn('Skipped: DuckDB is not installed; node scripts/clients.js does it')

/** What is used of DuckDB here. */
interface DuckDb {
  readonly DuckDBInstance: {
    create(): Promise<{ connect(): Promise<{ runAndReadAll(sql: string): Promise<{ getRowObjectsJson(): unknown }> }> }>
  }
}

it('DuckDB reads the Parquet of a query, with its types', { skip: isMissing, timeout: 60_000 }, async () => {
  const cwd = privateFolder()
  const accounts = 'Name,AnnualRevenue,NumberOfEmployees\nÅ "quoted",1250000,7\n"two\nlines",,\n'
  await run('insert Account accounts.csv -o local', { cwd, files: { 'accounts.csv': accounts } })
  const soql = 'SELECT Name, AnnualRevenue, NumberOfEmployees, IsDeleted, CreatedDate FROM Account ORDER BY Name DESC'
  await run(`query "${soql}" --output accounts.parquet -o local`, { cwd })

  const { DuckDBInstance } = createRequire(import.meta.url)(place) as DuckDb
  const database = await (await DuckDBInstance.create()).connect()
  const ask = async (sql: string) => (await database.runAndReadAll(sql)).getRowObjectsJson()
  const file = `'${join(cwd, 'accounts.parquet')}'`
  expect(await ask(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${file})`)).toEqual([
    { column_name: 'Name', column_type: 'VARCHAR' },
    { column_name: 'AnnualRevenue', column_type: 'DOUBLE' },
    { column_name: 'NumberOfEmployees', column_type: 'INTEGER' },
    { column_name: 'IsDeleted', column_type: 'BOOLEAN' },
    { column_name: 'CreatedDate', column_type: 'TIMESTAMP WITH TIME ZONE' },
  ])
  expect(await ask(`SELECT Name, AnnualRevenue, NumberOfEmployees, IsDeleted FROM ${file} ORDER BY Name`)).toEqual([
    { Name: 'two\nlines', AnnualRevenue: null, NumberOfEmployees: null, IsDeleted: false },
    { Name: 'Å "quoted"', AnnualRevenue: 1250000, NumberOfEmployees: 7, IsDeleted: false },
  ])
})
