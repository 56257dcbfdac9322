import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { accountColumns, writeAccountMapping, writeAccounts } from './accounts.ts'
import { interleave, median, type Run, run } from './measure.ts'
import { type Line, seconds } from './report.ts'
import { runOptions, type Setting } from './setting.ts'

/** Ten of the columns of a load, each made into another text, by what mapping files do most. */
const transformed: Readonly<Record<string, string>> = {
  Name: 'columns: [Company, Customer No], separator: " / "',
  BillingStreet: 'column: Street, transform: [collapse]',
  BillingCity: 'column: Town, transform: [trim, upper]',
  BillingPostalCode: 'column: Zip, transform: [{ substring: { from: 1, length: 4 } }, { prefix: "A-" }]',
  BillingCountry: 'column: Land, values: { Austria: AT, Denmark: DK, Poland: PL, France: FR }, otherwise: keep',
  Phone: 'column: Tel, transform: [{ replace: { pattern: "[^0-9+]+", by: "" } }]',
  Website:
    'column: Web, transform: [lower, { split: { by: ".", take: 2 } }, { replace: { text: "customer-", by: "https://c" } }]',
  AnnualRevenue: 'column: Turnover, number: "1,234.56"',
  CustomerSince__c: 'column: Since, date: yyyy-MM-dd',
  Active__c: 'column: Live, boolean: { true: ["true", ja], false: ["false", nein] }',
}

/** What transforms and a lookup of 5 million keys cost a load whose columns are otherwise copied. */
export async function measureMapping(setting: Setting): Promise<Line[]> {
  const { sink, folder, quick, rounds } = setting
  const rows = quick ? 500_000 : 5_000_000
  const input = join(folder, 'mapped.csv')
  await writeAccounts(input, rows)
  const [identity, ten, lookup] = ['identity.yaml', 'ten.yaml', 'lookup.yaml'].map((name) => join(folder, name))
  await writeAccountMapping(identity!)
  await writeFile(ten!, renderMapping(transformed))
  const table = 'lookup: keys.csv, match: [Customer No, Key], take: Value'
  await writeFile(lookup!, renderMapping({ Website: table }))
  await writeKeys(join(folder, 'keys.csv'), 5_000_000)

  const load = async (mapping: string) => {
    await sink.set({ holdRows: 0 })
    const words = ['upsert', 'Account', '-i', 'ERP_Id__c', input, '--mapping', mapping, '--quiet']
    return await run([...setting.sfbulk, ...words], runOptions(setting, [3]))
  }
  await load(identity!)
  const loads = await interleave(rounds, {
    identity: () => load(identity!),
    ten: () => load(ten!),
    lookup: () => load(lookup!),
  })
  const cost = (runs: readonly Run[]) => median(runs.map((each) => each.cpuSeconds ?? each.seconds))
  const [plain, mapped] = [cost(loads.identity), cost(loads.ten)]
  return [
    {
      what: `upsert of ${rows.toLocaleString('en')} rows, ten fields transformed, to none`,
      value: mapped / plain,
      unit: ' ×',
      limit: { kind: 'most', value: 1.4 },
      note: `${seconds(mapped, plain)} of processor, checks included`,
    },
    {
      what: 'memory with a lookup of 5,000,000 keys',
      value: median(loads.lookup.map(({ peak }) => peak ?? 0)),
      unit: ' MB',
      limit: { kind: 'most', value: 600 },
      note: seconds(median(loads.lookup.map((each) => each.seconds))),
    },
  ]
}

function renderMapping(entries: Readonly<Record<string, string>>): string {
  const lines = accountColumns.flatMap(([column, field]) => {
    if (field === undefined) return []
    const keys = entries[field]
    return [keys === undefined ? `  ${field}: ${column}` : `  ${field}: { ${keys} }`]
  })
  const ignored = accountColumns.flatMap(([column, field]) => (field === undefined ? [column] : []))
  return `fields:\n${lines.join('\n')}\nignore: [${ignored.join(', ')}, Web]\n`
}

/** A file of keys such as the bench's accounts have, with Ids behind them. */
async function writeKeys(path: string, keys: number): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  file.write('Key,Value\n')
  for (let first = 1; first <= keys; first += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, index) => {
      const number = String(first + index).padStart(9, '0')
      return `C-${number},001Lc000${number}AAA`
    })
    if (!file.write(`${lines.join('\n')}\n`)) await new Promise<void>((resolve) => file.once('drain', resolve))
  }
  file.end()
  await finished(file)
}
