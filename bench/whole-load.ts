import { join } from 'node:path'
import { writeAccountMapping, writeAccounts } from './accounts.ts'
import { interleave, median, run } from './measure.ts'
import { type Line, seconds } from './report.ts'
import { runOptions, type Setting } from './setting.ts'

/** A whole load of 600,000 rows, results and both files included, against bare transfers and against jsforce. */
export async function measureWholeLoad(setting: Setting): Promise<Line[]> {
  const { sink, folder, written, programs, quick, rounds } = setting
  const rows = quick ? 60_000 : 600_000
  const input = join(folder, 'whole.csv')
  const mapping = join(folder, 'accounts.yaml')
  const bytes = await writeAccounts(input, rows)
  await writeAccountMapping(mapping)
  const load = async () => {
    await sink.set({})
    const outputs = ['--success', join(written, 'whole.success.csv'), '--errors', join(written, 'whole.errors.csv')]
    const command = [...setting.sfbulk, 'upsert', 'Account', input, '-i', 'ERP_Id__c', '--mapping', mapping, '--quiet']
    return await run([...command, ...outputs], runOptions(setting, [3]))
  }
  const before = (await sink.report()).uploads.length
  await load()
  const uploads = (await sink.report()).uploads.slice(before)
  const jobs = await finishedJobs(uploads.length)

  const runs = await interleave(
    rounds,
    {
      sfbulk: load,
      curl: async () => {
        const up = uploads.flatMap((upload) => ['-T', upload, `${sink.url}/discard`])
        const down = jobs.flatMap((job) =>
          ['successfulResults', 'failedResults'].flatMap((file) => [
            '-o',
            join(written, `${job}.${file}`),
            `${resultsUrl(job)}/${file}`,
          ]),
        )
        await sink.set({})
        const sent = await run(['curl', '-sS', ...up], runOptions(setting))
        const received = await run(['curl', '-sS', ...down], runOptions(setting))
        return { seconds: sent.seconds + received.seconds, peak: undefined, cpuSeconds: undefined }
      },
      jsforce: async () => {
        await sink.set({})
        let total = 0
        let most = 0
        for (const upload of uploads) {
          const { seconds: took, peak } = await run(
            [process.execPath, join(programs, 'jsforce-load.js'), upload, sink.url],
            runOptions(setting),
          )
          total += took
          most = Math.max(most, peak ?? 0)
        }
        return { seconds: total, peak: most, cpuSeconds: undefined }
      },
    },
    written,
  )
  const time = (name: keyof typeof runs) => median(runs[name].map((each) => each.seconds))
  const memory = (name: keyof typeof runs) => Math.round(median(runs[name].map((each) => each.peak ?? 0)))
  const size = `${rows.toLocaleString('en')} rows, ${Math.round(bytes / 1e6)} MB`
  return [
    {
      what: `whole load of ${size}, time of \`curl\` up and down`,
      value: time('sfbulk') / time('curl'),
      unit: ' ×',
      limit: { kind: 'most', value: 3.5 },
      note: seconds(time('sfbulk'), time('curl')),
    },
    {
      what: '… speed of jsforce bulk2.loadAndWaitForResults',
      value: time('jsforce') / time('sfbulk'),
      unit: ' ×',
      limit: { kind: 'least', value: 4 },
      note: `${seconds(time('sfbulk'), time('jsforce'))}; ${memory('sfbulk')} MB / ${memory('jsforce')} MB`,
    },
  ]

  function resultsUrl(job: string): string {
    return `${sink.url}/services/data/v66.0/jobs/ingest/${job}`
  }

  /** Jobs that hold the results of these uploads: the sink numbers its jobs. */
  async function finishedJobs(count: number): Promise<string[]> {
    const { lastJob } = await sink.report()
    return Array.from({ length: count }, (_, index) => `750bm${String(lastJob - index).padStart(10, '0')}AAA`)
  }
}
