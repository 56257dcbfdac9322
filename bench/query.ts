import { join } from 'node:path'
import { interleave, median, run } from './measure.ts'
import { pageRows } from './query-pages.ts'
import { type Line, seconds } from './report.ts'
import { openSalesforceCli } from './salesforce-cli.ts'
import { encrypt, runOptions, type Setting } from './setting.ts'
import { gigabit } from './shaped-link.ts'

/** Queries of 2 and of 5 million rows against `curl` fetching the same pages one after the other. */
export async function measureQuery(setting: Setting): Promise<Line[]> {
  const lines: Line[] = []
  const sizes = setting.quick ? [200_000, 500_000] : [2_000_000, 5_000_000]
  for (const rows of sizes) {
    for (const gzip of [true, false]) lines.push(...(await measure(setting, rows, { gzip })))
  }
  lines.push(...(await measure(setting, sizes[0]!, { gzip: false, linkBytes: gigabit })))
  for (const gzip of [true, false]) lines.push(...(await measure(encrypt(setting), sizes[0]!, { gzip, tls: true })))
  return [...lines, ...(await measureExport(setting, sizes[0]!))]
}

/** `sf data export bulk` of as many rows. */
async function measureExport(setting: Setting, rows: number): Promise<Line[]> {
  const cli = await openSalesforceCli(setting)
  if (cli === undefined) return []
  const { sink, written } = setting
  await sink.set({ queryRows: rows, gzip: true })
  const words = ['data', 'export', 'bulk', '--query', soql, '--output-file', join(written, 'sf.csv'), '--wait', '10']
  const runs = await interleave(
    setting.rounds,
    {
      sfbulk: () => run(queryCommand(setting), runOptions(setting)),
      sf: () => run([...cli.command, ...words], cli.options),
    },
    written,
  )
  const time = (name: keyof typeof runs) => median(runs[name].map((each) => each.seconds))
  const memory = (name: keyof typeof runs) => Math.round(median(runs[name].map((each) => each.peak ?? 0)))
  return [
    {
      what: `query of ${rows.toLocaleString('en')} rows, gzip, speed of \`sf data export bulk\``,
      value: time('sf') / time('sfbulk'),
      unit: ' ×',
      limit: { kind: 'least', value: 2 },
      note: `${seconds(time('sfbulk'), time('sf'))}; ${memory('sfbulk')} MB / ${memory('sf')} MB`,
    },
  ]
}

const soql = 'SELECT Id, Name FROM Account'

function queryCommand({ sfbulk, written }: Setting): string[] {
  return [...sfbulk, 'query', soql, '--api', 'bulk', '--output', join(written, 'rows.csv'), '--quiet']
}

/** How pages are served. */
interface Serving {
  readonly gzip: boolean
  readonly tls?: boolean
  /** Bytes a second. Default: as fast as it can. */
  readonly linkBytes?: number
}

async function measure(setting: Setting, rows: number, serving: Serving): Promise<Line[]> {
  const { sink, written, rounds } = setting
  await sink.set({ queryRows: rows, ...serving })
  const pages = Array.from(
    { length: rows / pageRows },
    (_, page) => `${sink.url}/services/data/v66.0/jobs/query/750bmquery000000AAA/results?locator=${page}`,
  )
  const packed = serving.gzip ? ['--compressed'] : []
  const way = [
    serving.gzip ? 'gzip' : 'plain',
    ...(serving.tls ? ['by TLS'] : []),
    ...(serving.linkBytes === undefined ? [] : ['through 1 Gbit/s']),
  ].join(', ')
  const runs = await interleave(
    2 * rounds + 1,
    {
      sfbulk: () => run(queryCommand(setting), runOptions(setting)),
      // One process and one connection; each page needs an -o of its own, or curl would give it to nobody.
      curl: () =>
        run(
          [
            'curl',
            '-sS',
            ...packed,
            ...pages.flatMap((page, index) => ['-o', join(written, `page-${index}.csv`), page]),
          ],
          runOptions(setting),
        ),
    },
    written,
  )
  const [took, curl] = [median(runs.sfbulk.map((each) => each.seconds)), median(runs.curl.map((each) => each.seconds))]
  return [
    {
      what: `query of ${rows.toLocaleString('en')} rows, ${way}, time of \`curl\``,
      value: took / curl,
      unit: ' ×',
      limit: { kind: 'most', value: 1.1 },
      note: seconds(took, curl),
    },
    {
      what: '… its memory',
      value: median(runs.sfbulk.map((each) => each.peak ?? 0)) || undefined,
      unit: ' MB',
      limit: { kind: 'most', value: 150 },
    },
  ]
}
