import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

export const columns = [
  'Name',
  'Comment',
  'ERP_Id__c',
  'BillingStreet',
  'Site',
  'AnnualRevenue',
  'NumberOfEmployees',
  'ParentId',
  'Origin',
] as const

/** What rejects a row, and how the text of its rejection begins. */
const faults = [
  { code: 'REQUIRED_FIELD_MISSING:', spoil: (row: Row) => ({ ...row, Name: '' }) },
  { code: 'STRING_TOO_LONG:', spoil: (row: Row) => ({ ...row, Site: 'x'.repeat(100) }) },
  { code: 'INVALID_TYPE_ON_FIELD_IN_RECORD:', spoil: (row: Row) => ({ ...row, NumberOfEmployees: 'many' }) },
  { code: 'DUPLICATE_VALUE:', spoil: (row: Row) => ({ ...row, ERP_Id__c: 'taken' }) },
  { code: 'MALFORMED_ID:', spoil: (row: Row) => ({ ...row, ParentId: 'nobody' }) },
  { code: 'LOCAL:', spoil: (row: Row) => ({ ...row, Origin: `${row.Origin},one cell too many` }) },
] as const

type Row = Readonly<Record<(typeof columns)[number], string>>

/** How the rejection of a row must begin; undefined for one that is sound. One row in a hundred is not. */
export function expectedFault(number: number): string | undefined {
  return number % 100 === 50 ? faults[Math.floor(number / 100) % faults.length]!.code : undefined
}

/**
 * Writes rows 0 to `count`: columns that no field has, cells with line ends, quotes and delimiters in them, numbers that the
 * service spells anew, rows that are the same in what is sent, with and without a difference in what is not.
 */
export async function writeAccounts(path: string, count: number): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  let text = `${columns.join(',')}\n`
  for (let number = 0; number < count; number++) {
    text += writeRow(number)
    if (text.length < 1 << 20 && number + 1 < count) continue
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  file.end()
  await finished(file)
}

function writeRow(number: number): string {
  const sound = soundRow(number)
  const row =
    expectedFault(number) === undefined ? sound : faults[Math.floor(number / 100) % faults.length]!.spoil(sound)
  return `${columns.map((column) => row[column]).join(',')}\n`
}

function soundRow(number: number): Row {
  // The first row with the value that others may not repeat.
  if (number === 0) return { ...numberedRow(number), ERP_Id__c: 'taken' }
  if (number % 50 === 7) return { ...numberedRow(number - 1), ERP_Id__c: '', Origin: `copy of ${number - 1}` }
  if (number % 50 === 6) return { ...numberedRow(number), ERP_Id__c: '' }
  if (number % 50 === 31) return { ...numberedRow(30), ERP_Id__c: '' }
  return numberedRow(number)
}

function numberedRow(number: number): Row {
  const streets = [
    `Main Street ${number % 97}`,
    `"Hof ${number % 31}\nHinterhaus"`,
    `"""Zur Post"", Gasse ${number % 13}"`,
    `"Line\r\nand line"`,
  ]
  return {
    Name: `Müller & Söhne ${number}`,
    Comment: number % 3 === 0 ? `"see ""file"", page ${number % 7}\n"` : '',
    ERP_Id__c: `E-${number}`,
    BillingStreet: number % 10 === 3 ? streets[((number / 10) % 4) | 0]! : streets[0]!,
    Site: '',
    AnnualRevenue: `${number * 91}.5`,
    NumberOfEmployees: String(number % 5000),
    ParentId: '',
    Origin: `ledger ${number}`,
  }
}
