import { join } from 'node:path'
import { interleave, median, run } from './measure.ts'
import { pageRows } from './query-pages.ts'
import { type Line, seconds } from './report.ts'
import { runOptions, type Setting } from './setting.ts'

/** Queries of 2 and of 5 million rows against `curl` fetching the same pages one after the other. */
export async function measureQuery(setting: Setting): Promise<Line[]> {
  const lines: Line[] = []
  for (const rows of setting.quick ? [200_000, 500_000] : [2_000_000, 5_000_000]) {
    for (const gzip of [true, false]) lines.push(...(await measure(setting, rows, gzip)))
  }
  return lines
}

async function measure(setting: Setting, rows: number, gzip: boolean): Promise<Line[]> {
  const { sink, folder, rounds } = setting
  await sink.set({ queryRows: rows, gzip })
  const pages = Array.from(
    { length: rows / pageRows },
    (_, page) => `${sink.url}/services/data/v66.0/jobs/query/750bmquery000000AAA/results?locator=${page}`,
  )
  const output = ['--output', join(folder, 'rows.csv'), '--quiet']
  const query = ['query', 'SELECT Id, Name FROM Account', '--api', 'bulk', ...output]
  const file = join(folder, 'pages.csv')
  const packed = gzip ? ['--compressed'] : []
  const runs = await interleave(rounds, {
    sfbulk: () => run([...setting.sfbulk, ...query], runOptions(setting)),
    // One process and one connection; each page needs an -o of its own, or curl would give it to nobody.
    curl: () => run(['curl', '-sS', ...packed, ...pages.flatMap((page) => ['-o', file, page])], runOptions(setting)),
  })
  const [took, curl] = [median(runs.sfbulk.map((each) => each.seconds)), median(runs.curl.map((each) => each.seconds))]
  return [
    {
      what: `query of ${rows.toLocaleString('en')} rows, ${gzip ? 'gzip' : 'plain'}, time of \`curl\``,
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
