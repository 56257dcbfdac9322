import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { Random } from './random.ts'

/** Columns of the input and the fields that they go to; two columns are not sent. */
export const accountColumns: readonly (readonly [column: string, field: string | undefined])[] = [
  ['Customer No', 'ERP_Id__c'],
  ['Company', 'Name'],
  ['Remark', undefined],
  ['Street', 'BillingStreet'],
  ['Town', 'BillingCity'],
  ['Zip', 'BillingPostalCode'],
  ['Land', 'BillingCountry'],
  ['Tel', 'Phone'],
  ['Row of the source', undefined],
  ['Web', 'Website'],
  ['Turnover', 'AnnualRevenue'],
  ['Staff', 'NumberOfEmployees'],
  ['Since', 'CustomerSince__c'],
  ['Live', 'Active__c'],
]

/**
 * Writes a CSV of accounts, about 200 bytes a row: accents, one street in ten in quotes with a comma, a doubled quote or a
 * line feed in it. Returns its size in bytes.
 */
export async function writeAccounts(path: string, rows: number): Promise<number> {
  const random = new Random(20_261_121)
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  let text = `${accountColumns.map(([column]) => column).join(',')}\n`
  let bytes = 0
  for (let row = 1; row <= rows; row++) {
    text += accountRow(row, random)
    if (text.length < 1 << 20 && row < rows) continue
    const piece = Buffer.from(text)
    text = ''
    bytes += piece.length
    if (!file.write(piece)) await once(file, 'drain')
  }
  file.end()
  await finished(file)
  return bytes
}

/** Writes the mapping file of these columns. */
export async function writeAccountMapping(path: string): Promise<void> {
  const sent = accountColumns.filter(([, field]) => field !== undefined)
  const ignored = accountColumns.filter(([, field]) => field === undefined).map(([column]) => column)
  const lines = sent.map(([column, field]) => `  ${field}: ${column}`)
  await writeFile(path, `object: Account\nfields:\n${lines.join('\n')}\nignore: [${ignored.join(', ')}]\n`)
}

const names = ['Müller', 'Smith', 'Nguyễn', 'García', 'Kowalski', 'Rossi', 'O’Neill', 'Sørensen', 'Tanaka', 'Dubois']
const trades = ['Logistics', 'Foods', 'Robotics', 'Textiles', 'Chemicals', 'Paper Mills', 'Consulting', 'Energy']
const towns = ['Graz', 'Linz', 'København', 'Łódź', 'Lyon', 'Porto', 'Leeds', 'Bergen', 'Zürich', 'Sevilla']
const lands = ['Austria', 'Denmark', 'Poland', 'France', 'Portugal', 'United Kingdom', 'Norway', 'Switzerland']
const remarks = ['called twice', 'pays late', 'prefers mail', '', 'moved in spring, see file', 'ask for the manager']

function accountRow(row: number, random: Random): string {
  const name = random.pick(names)
  const number = String(row).padStart(9, '0')
  const company = `${name} ${random.pick(trades)} ${random.below(10_000)}`
  const street = `${name} Street ${random.below(300)}`
  const spoken = random.below(10)
  const written =
    spoken > 0
      ? street
      : random.pick([`"${street}, 2nd floor"`, `"${street}\nBack yard"`, `"House ""Sonne"", ${street}"`])
  const remark = random.pick(remarks)
  const phone = `+43 ${random.below(900) + 100} ${random.below(9_000_000) + 1_000_000}`
  const since = `${1990 + random.below(36)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`
  return (
    `C-${number},${company},${remark.includes(',') ? `"${remark}"` : remark},${written},${random.pick(towns)},` +
    `${random.below(90_000) + 10_000},${random.pick(lands)},${phone},ledger/2026/accounts/${number},` +
    `www.customer-${random.below(1_000_000)}.example,${random.below(2_000_000_000)}.${two(random.below(100))},` +
    `${random.below(20_000)},${since},${random.below(2) === 0 ? 'true' : 'false'}\n`
  )
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
