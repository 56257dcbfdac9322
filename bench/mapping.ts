import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { accountColumns, writeAccountMapping, writeAccounts } from './accounts.ts'
import { interleave, median, run } from './measure.ts'
import { type Line, seconds } from './report.ts'
import { runOptions, type Setting } from './setting.ts'

/** Ten of the columns of a load, each made into another text. */
const transformed: Readonly<Record<string, string>> = {
  Name: 'transform: [trim]',
  BillingStreet: 'transform: [collapse]',
  BillingCity: 'transform: [upper]',
  BillingPostalCode: 'transform: [{ prefix: "A-" }]',
  BillingCountry: 'values: { Austria: AT, Denmark: DK, Poland: PL, France: FR }, otherwise: keep',
  Phone: 'transform: [{ replace: { text: " ", by: "-" } }]',
  Website: 'transform: [trim, lower]',
  AnnualRevenue: 'number: "1,234.56"',
  CustomerSince__c: 'date: yyyy-MM-dd',
  Active__c: 'boolean: { true: ["true"], false: ["false"] }',
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
    const words = ['upsert', 'Account', '-i', 'ERP_Id__c', input, '--mapping', mapping, '--quiet', '--no-check']
    return await run([...setting.sfbulk, ...words], runOptions(setting, [3]))
  }
  await load(identity!)
  const loads = await interleave(rounds, {
    identity: () => load(identity!),
    ten: () => load(ten!),
    lookup: () => load(lookup!),
  })
  const [plain, mapped] = [loads.identity, loads.ten].map((runs) => median(runs.map((each) => each.seconds)))
  return [
    {
      what: `upsert of ${rows.toLocaleString('en')} rows, ten fields transformed, to none`,
      value: mapped! / plain!,
      unit: ' ×',
      limit: { kind: 'most', value: 1.4 },
      note: seconds(mapped!, plain!),
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
    if (keys === undefined) return [`  ${field}: ${column}`]
    return [keys.startsWith('lookup') ? `  ${field}: { ${keys} }` : `  ${field}: { column: ${column}, ${keys} }`]
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
