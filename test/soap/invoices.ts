import { quoteCell } from '../../src/csv/cells.ts'

/** Columns of the invoices, with values that repeat at different paces so that every kind meets every other. */
const columns = {
  Name: ['Plain', 'with, comma', 'with "quotes"', 'Zoë & <Söhne>', '漢字 🧾', "O'Neill"],
  Legacy_Id__c: (row: number) => `${row}`,
  'Parent_Invoice__r.Invoice_Number__c': ['', 'P-1', '#N/A', 'P-2'],
  'User:Owner.Username': ['', 'admin@local.sfbulk', ''],
  Paid__c: ['true', 'FALSE', '1', '0', 'True', '', 'TRUE', 'false'],
  Issued_On__c: ['2026-03-01', '', '#N/A', '1999-12-31', '2024-02-29', '1940-06-07Z'],
  Paid_At__c: [
    '2026-03-01T10:00:00Z',
    '2026-03-01T10:00:00.123Z',
    '2026-03-01T10:00:00+01:00',
    '2026-03-01T10:00:00-0530',
    '',
    '#N/A',
  ],
  Pickup_Time__c: ['08:30:00.000Z', '', '23:59:59Z', '#N/A', '00:00:00'],
  Amount__c: ['12.50', '-3', '1e3', '#N/A', '.5', '+7.125', '0', '', '1234567890.994'],
  Quantity__c: ['1', '', '0', '-12'],
  Tax_Rate__c: ['20', '7.75', ''],
  Notes__c: ['', 'two\nlines', ' spaces ', '"', '#N/A', 'tab\there', 'a]]>b &amp; c', 'end\n'],
  Status__c: ['Draft', 'Sent', '', 'not listed'],
  Region__c: ['EMEA', '', 'AMER', '#N/A'],
  Tags__c: ['Urgent;Export', '', 'Recurring', '#N/A'],
  Billing_Email__c: ['ada@example.com', '', '#N/A'],
} as const satisfies Readonly<Record<string, readonly string[] | ((row: number) => string)>>

type Column = keyof typeof columns | 'Account__c' | 'External_Code__c'

/** What is wrong with a row: the cells that differ. Each kind of rejection once. */
const faults: readonly Readonly<Partial<Record<Column, string>>>[] = [
  { Name: '#N/A' },
  { Name: 'x'.repeat(81) },
  { Amount__c: '12,5 kg' },
  { Amount__c: '1'.repeat(19) },
  { Issued_On__c: '2026-02-30' },
  { Issued_On__c: '01.03.2026' },
  { Paid_At__c: '2026-03-01' },
  { Paid_At__c: 'yesterday & <then>' },
  { Pickup_Time__c: '25:00:00' },
  { Paid__c: 'yes' },
  { Region__c: 'Mars' },
  { Tags__c: 'Urgent;Nonsense' },
  { Billing_Email__c: 'not an address' },
  { Account__c: '001xx' },
  { Account__c: '001999999999999AAA' },
  { 'Parent_Invoice__r.Invoice_Number__c': 'no such invoice' },
  { 'User:Owner.Username': 'nobody@local' },
  { External_Code__c: 'TAKEN' },
  { External_Code__c: 'C-0' },
  { Legacy_Id__c: 'seven' },
  { Tax_Rate__c: '1234567' },
]

const faultyRow = (row: number) => (row % 7 === 3 ? faults[(row - 3) / 7] : undefined)

export interface InvoiceOptions {
  /** Id of an account. */
  readonly accountId: string
  /** Columns that stand first, by their row. */
  readonly key: Readonly<Record<string, (row: number) => string>>
  readonly rows: number
  /** Added to the row's number where values are chosen: the same rows get others. */
  readonly shift?: number
  /** Number of the first invoice, in the codes that are unique. */
  readonly first?: number
}

/** A CSV of invoices: every kind of value, every seventh row with a fault, and two rows that are no good CSV. */
export function invoiceCsv({ accountId, key, rows, shift = 0, first = 0 }: InvoiceOptions): string {
  const names = Object.keys(columns) as readonly (keyof typeof columns)[]
  const header = [...Object.keys(key), 'Account__c', 'External_Code__c', ...names]
  const lines = Array.from({ length: rows }, (_, row) => {
    const cells: Record<string, string> = Object.fromEntries(Object.entries(key).map(([name, of]) => [name, of(row)]))
    for (const name of names) {
      const values = columns[name]
      cells[name] = typeof values === 'function' ? values(row) : (values[(row + shift) % values.length] ?? '')
    }
    cells.Account__c = row % 4 === 0 ? '' : row % 4 === 1 ? '#N/A' : accountId
    cells.External_Code__c = `C-${row + first}`
    Object.assign(cells, faultyRow(row))
    return header.map((name) => quoteCell(cells[name] ?? '', ',')).join(',')
  })
  return [header.join(','), ...lines, 'too,few', `"open${','.repeat(header.length - 1)}`, ''].join('\n')
}
