import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Random } from './random.ts'

/** Rows of a page, as the service cuts them by itself. */
export const pageRows = 50_000

/** Writes the pages of a query's result as `0.csv` and `0.csv.gz` and so on: about 130 bytes a row, every cell quoted. */
export async function writeQueryPages(folder: string, rows: number): Promise<void> {
  await mkdir(folder)
  const random = new Random(7)
  for (let page = 0; page * pageRows < rows; page++) {
    let text = '"Id","Name","ERP_Id__c","BillingCity","AnnualRevenue","NumberOfEmployees","LastModifiedDate"\n'
    for (let row = page * pageRows; row < (page + 1) * pageRows; row++) text += queryRow(row, random)
    const bytes = Buffer.from(text)
    await Promise.all([
      writeFile(join(folder, `${page}.csv`), bytes),
      writeFile(join(folder, `${page}.csv.gz`), await promisify(gzip)(bytes)),
    ])
  }
}

const cities = ['Graz', 'Linz', 'København', 'Łódź', 'Lyon', 'Porto', 'Leeds', 'Bergen', 'Zürich', 'Sevilla']

function queryRow(row: number, random: Random): string {
  const number = String(row).padStart(9, '0')
  const id = `001bm00${number.slice(0, 8)}AA${number.slice(8)}`
  const time = `2026-0${1 + random.below(9)}-1${random.below(10)}T0${random.below(10)}:4${random.below(10)}:13.000Z`
  return (
    `"${id}","Company ${random.below(1_000_000)} of the north","C-${number}","${random.pick(cities)}",` +
    `"${random.below(90_000_000) / 100}","${random.below(20_000)}","${time}"\n`
  )
}
