import { join } from 'node:path'
import { writeAccountMapping, writeAccounts } from './accounts.ts'
import { interleave, median, type Run, run } from './measure.ts'
import { type Line, seconds } from './report.ts'
import { encrypt, runOptions, type Setting } from './setting.ts'

/** A whole load of 600,000 rows, results and both files included, against bare transfers and against jsforce. */
export async function measureWholeLoad(setting: Setting): Promise<Line[]> {
  const { folder, quick } = setting
  const rows = quick ? 60_000 : 600_000
  const [input, mapping] = [join(folder, 'whole.csv'), join(folder, 'accounts.yaml')]
  const bytes = await writeAccounts(input, rows)
  await writeAccountMapping(mapping)
  const size = `${rows.toLocaleString('en')} rows, ${Math.round(bytes / 1e6)} MB`
  const words = ['upsert', 'Account', input, '-i', 'ERP_Id__c', '--mapping', mapping, '--quiet']
  const transfers = await keepTransfers(setting, words)
  return [
    await measureTransfers(setting, words, transfers, size),
    await measureJsforce(setting, words, transfers),
    await measureTransfers(encrypt(setting), words, transfers, `${size}, by TLS`),
  ]
}

async function load(setting: Setting, words: readonly string[]): Promise<Run> {
  const { sfbulk, sink, written } = setting
  await sink.set({})
  const outputs = ['--success', join(written, 'whole.success.csv'), '--errors', join(written, 'whole.errors.csv')]
  return await run([...sfbulk, ...words, ...outputs], runOptions(setting, [3]))
}

/** What goes over the wire in a load. */
interface Transfers {
  /** Files. */
  readonly uploads: readonly string[]
  /** Where the results are, without the host. */
  readonly results: readonly string[]
}

/** The sink keeps an upload when it comes for the first time. */
async function keepTransfers(setting: Setting, words: readonly string[]): Promise<Transfers> {
  const { sink } = setting
  const before = (await sink.report()).uploads.length
  await load(setting, words)
  const { uploads, lastJob } = await sink.report()
  const sent = uploads.slice(before)
  // The sink numbers its jobs.
  const jobs = sent.map((_, index) => `750bm${String(lastJob - index).padStart(10, '0')}AAA`)
  const results = jobs.flatMap((job) =>
    ['successfulResults', 'failedResults'].map((file) => `/services/data/v66.0/jobs/ingest/${job}/${file}`),
  )
  return { uploads: sent, results }
}

async function measureTransfers(
  setting: Setting,
  words: readonly string[],
  { uploads, results }: Transfers,
  size: string,
): Promise<Line> {
  const { sink, written, rounds } = setting
  const up = uploads.flatMap((upload) => ['-T', upload, `${sink.url}/discard`])
  const down = results.flatMap((result, index) => ['-o', join(written, `result-${index}.csv`), `${sink.url}${result}`])
  const runs = await interleave(
    rounds,
    {
      sfbulk: () => load(setting, words),
      curl: async () => {
        await sink.set({})
        const sent = await run(['curl', '-sS', ...up], runOptions(setting))
        const received = await run(['curl', '-sS', ...down], runOptions(setting))
        return { seconds: sent.seconds + received.seconds }
      },
    },
    written,
  )
  const [took, curl] = [median(runs.sfbulk.map((each) => each.seconds)), median(runs.curl.map((each) => each.seconds))]
  return {
    what: `whole load of ${size}, time of \`curl\` up and down`,
    value: took / curl,
    unit: ' ×',
    limit: { kind: 'most', value: 3.5 },
    note: seconds(took, curl),
  }
}

async function measureJsforce(setting: Setting, words: readonly string[], { uploads }: Transfers): Promise<Line> {
  const { sink, programs, rounds, written } = setting
  const runs = await interleave<'sfbulk' | 'jsforce', Pick<Run, 'seconds' | 'peak'>>(
    rounds,
    {
      sfbulk: () => load(setting, words),
      jsforce: async () => {
        await sink.set({})
        const program = [process.execPath, join(programs, 'jsforce-load.js')]
        const parts: Run[] = []
        for (const upload of uploads) parts.push(await run([...program, upload, sink.url], runOptions(setting)))
        return {
          seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
          peak: Math.max(...parts.map((part) => part.peak ?? 0)),
        }
      },
    },
    written,
  )
  const time = (name: keyof typeof runs) => median(runs[name].map((each) => each.seconds))
  const memory = (name: keyof typeof runs) => Math.round(median(runs[name].map((each) => each.peak ?? 0)))
  return {
    what: '… speed of jsforce bulk2.loadAndWaitForResults',
    value: time('jsforce') / time('sfbulk'),
    unit: ' ×',
    limit: { kind: 'least', value: 4 },
    note: `${seconds(time('sfbulk'), time('jsforce'))}; ${memory('sfbulk')} MB / ${memory('jsforce')} MB`,
  }
}
