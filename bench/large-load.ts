import { join } from 'node:path'
import { writeAccountMapping, writeAccounts } from './accounts.ts'
import { interleave, median, type Run, run } from './measure.ts'
import { type Line, seconds } from './report.ts'
import { runOptions, type Setting } from './setting.ts'
import { gigabit } from './shaped-link.ts'
import type { SinkReport } from './sink-process.ts'

/** A load of 5 million rows in 1 GB, and of a tenth of it: columns renamed, two dropped, one row in a hundred rejected. */
export async function measureLargeLoad(setting: Setting): Promise<Line[]> {
  const { sink, folder, written, programs, quick, rounds } = setting
  const rows = quick ? 500_000 : 5_000_000
  const [large, small] = [join(folder, 'large.csv'), join(folder, 'small.csv')]
  // Object streams take minutes for a GB: they are given the 100 MB.
  const hundred = quick ? large : small
  const mapping = join(folder, 'accounts.yaml')
  const largeBytes = await writeAccounts(large, rows)
  const smallBytes = await writeAccounts(small, rows / 10)
  await writeAccountMapping(mapping)

  const outputs = ['--success', join(written, 'large.success.csv'), '--errors', join(written, 'large.errors.csv')]
  const load = async (operation: readonly string[], file: string, held: number): Promise<Load> => {
    await sink.set({ holdRows: held })
    // So many jobs at once that all rows are sent before the first answer is joined: each half is then timed alone.
    const parallel = held > 0 ? ['--parallel-jobs', '25'] : []
    const command = [...setting.sfbulk, ...operation, file, '--mapping', mapping, '--quiet', ...parallel, ...outputs]
    const result = await run(command, runOptions(setting, [3]))
    return { ...result, ...(await sink.report()) }
  }
  const upsert = ['upsert', 'Account', '-i', 'ERP_Id__c']
  const insert = ['insert', 'Account']
  await load(upsert, large, rows)
  const { uploads } = await sink.report()
  await load(insert, small, rows / 10)

  const measured = {
    upsert: () => load(upsert, large, rows),
    insert: () => load(insert, small, rows / 10),
    whole: () => load(upsert, large, 0),
    small: () => load(upsert, small, 0),
    piped: async (): Promise<Load> => {
      await sink.set({})
      const result = await run(
        [process.execPath, join(programs, 'object-streams.js'), hundred, `${sink.url}/discard`],
        runOptions(setting),
      )
      return { ...result, ...(await sink.report()) }
    },
  }
  const loads = await interleave(rounds, measured, written)
  const throughLink = {
    load: async () => {
      await sink.set({ linkBytes: gigabit, holdRows: rows })
      const result = await run(
        [...setting.sfbulk, ...upsert, large, '--mapping', mapping, '--quiet', '--parallel-jobs', '25', ...outputs],
        runOptions(setting, [3]),
      )
      return { ...result, ...(await sink.report()) }
    },
    curl: async (): Promise<Load> => {
      await sink.set({ linkBytes: gigabit })
      const urls = uploads.flatMap((upload) => ['-T', upload, `${sink.url}/discard`])
      return { ...(await run(['curl', '-sS', ...urls], runOptions(setting))), ...(await sink.report()) }
    },
  }
  const shaped = await interleave(rounds, throughLink, written)

  const megabytes = largeBytes / 1e6
  const speed = (runs: readonly Load[], of: (load: Load) => number, bytes = largeBytes) =>
    bytes / 1e6 / median(runs.map(of))
  const hundredUpload = median(loads[quick ? 'whole' : 'small'].map(({ closedSeconds }) => closedSeconds))
  const piped = median(loads.piped.map((load) => load.seconds))
  const size = `${Math.round(megabytes)} MB, ${rows.toLocaleString('en')} rows`
  const [wholePeak, smallPeak] = [peak(loads.whole), peak(loads.small)]
  return [
    {
      what: `upsert of ${size}: parse, map, cut and upload`,
      value: speed(loads.upsert, ({ uploadSeconds }) => uploadSeconds),
      unit: ' MB/s',
      limit: { kind: 'least', value: 150 },
    },
    {
      what: '… join and result files',
      value: speed(loads.upsert, ({ joinSeconds }) => joinSeconds),
      unit: ' MB/s',
      limit: { kind: 'least', value: 100 },
    },
    {
      what: 'insert of a tenth: parse, map, cut and upload',
      value: speed(loads.insert, ({ uploadSeconds }) => uploadSeconds, smallBytes),
      unit: ' MB/s',
      limit: { kind: 'least', value: 150 },
    },
    {
      what: '… join and result files',
      value: speed(loads.insert, ({ joinSeconds }) => joinSeconds, smallBytes),
      unit: ' MB/s',
      limit: { kind: 'least', value: 100 },
    },
    {
      what: `speed of object streams, ${Math.round((quick ? largeBytes : smallBytes) / 1e6)} MB: parse, map, upload`,
      value: piped / hundredUpload,
      unit: ' ×',
      limit: { kind: 'least', value: 8 },
      note: seconds(hundredUpload, piped),
    },
    {
      what: 'upload through 1 Gbit/s, time of `curl -T`',
      value:
        median(shaped.load.map(({ closedSeconds }) => closedSeconds)) / median(shaped.curl.map((each) => each.seconds)),
      unit: ' ×',
      limit: { kind: 'most', value: 1.1 },
      note: seconds(
        median(shaped.load.map(({ closedSeconds }) => closedSeconds)),
        median(shaped.curl.map((each) => each.seconds)),
      ),
    },
    {
      what: `whole upsert of ${size}`,
      value: megabytes / median(loads.whole.map((load) => load.seconds)),
      unit: ' MB/s',
      note: `${seconds(median(loads.whole.map((load) => load.seconds)))}, ${Math.round(median(loads.whole.map(({ cpuSeconds }) => cpuSeconds ?? 0)))} s of processor`,
    },
    { what: '… its memory', value: wholePeak, unit: ' MB', limit: { kind: 'most', value: 200 } },
    {
      what: `… its memory to that of a tenth of the rows`,
      value: wholePeak && smallPeak && wholePeak / smallPeak,
      unit: ' ×',
      limit: { kind: 'most', value: 1.1 },
      note: `${Math.round(wholePeak ?? 0)} MB / ${Math.round(smallPeak ?? 0)} MB`,
    },
  ]
}

type Load = Run & SinkReport

function peak(runs: readonly Run[]): number | undefined {
  const peaks = runs.flatMap((each) => (each.peak === undefined ? [] : [each.peak]))
  return peaks.length === 0 ? undefined : median(peaks)
}
