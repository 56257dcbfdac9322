/**
 * Speed of the record scanner beside csv-parse, on the same files. Each run is a process of its own; the two take turns,
 * the order turned round every other round; medians are printed.
 *
 * node bench/csv.ts [MB of each file, default 200] [rounds, default 5]
 */
import { spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse'
import { readFileRange } from '../src/csv/byte-readers.ts'
import { scanRecords } from '../src/csv/scan.ts'
import { type Kind, kinds, writeBenchFile } from './csv-data.ts'

interface Measured {
  readonly rows: number
  readonly seconds: number
  /** MiB, the most that the process ever held. */
  readonly memory: number
}

const ways = { scanner: countByScanner, 'csv-parse': countByCsvParse } as const

type Way = keyof typeof ways

const [first, second, third] = process.argv.slice(2)
if (first === 'measure') await measure(second === 'scanner' ? second : 'csv-parse', third ?? '')
else await compare(Number(first ?? 200) * 1e6, Number(second ?? 5))

async function compare(bytes: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-csv-'))
  console.log('file     scanner MB/s   csv-parse MB/s   ratio   scanner MiB   csv-parse MiB')
  try {
    for (const kind of Object.keys(kinds) as Kind[]) {
      const path = join(folder, `${kind}.csv`)
      await writeBenchFile(path, kind, bytes)
      const { size } = await stat(path)
      const runs: Record<Way, Measured[]> = { scanner: [], 'csv-parse': [] }
      for (let round = 0; round < rounds; round++) {
        const order: readonly Way[] = round % 2 === 0 ? ['scanner', 'csv-parse'] : ['csv-parse', 'scanner']
        for (const way of order) runs[way].push(runMeasure(way, path))
      }
      console.log(formatLine(kind, size, runs.scanner, runs['csv-parse']))
      await rm(path)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function formatLine(kind: Kind, size: number, scanner: readonly Measured[], csvParse: readonly Measured[]): string {
  const counts = new Set([...scanner, ...csvParse].map(({ rows }) => rows))
  if (counts.size !== 1) throw new Error(`${kind}: the numbers of records differ: ${[...counts].join(', ')}`)
  const speeds = [scanner, csvParse].map((runs) => size / 1e6 / median(runs.map(({ seconds }) => seconds)))
  const memories = [scanner, csvParse].map((runs) => median(runs.map(({ memory }) => memory)))
  const [fast = 0, slow = 0] = speeds
  const numbers = [
    fast.toFixed(0),
    slow.toFixed(1),
    (fast / slow).toFixed(1),
    ...memories.map((memory) => memory.toFixed(0)),
  ]
  const widths = [15, 17, 8, 14, 16]
  return kind.padEnd(6) + numbers.map((number, index) => number.padStart(widths[index] ?? 0)).join('')
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function runMeasure(way: Way, path: string): Measured {
  const { stdout, stderr } = spawnSync(process.execPath, [
    ...process.execArgv,
    import.meta.filename,
    'measure',
    way,
    path,
  ])
  try {
    return JSON.parse(stdout.toString())
  } catch {
    throw new Error(`measuring ${way} failed: ${stderr}`)
  }
}

async function measure(way: Way, path: string): Promise<void> {
  const begin = performance.now()
  const rows = await ways[way](path)
  const seconds = (performance.now() - begin) / 1000
  const measured: Measured = { rows, seconds, memory: process.resourceUsage().maxRSS / 1024 }
  console.log(JSON.stringify(measured))
}

async function countByScanner(path: string): Promise<number> {
  const file = await open(path)
  let rows = 0
  for await (const block of scanRecords(readFileRange(file, 0, Number.MAX_SAFE_INTEGER), { delimiter: ',' }))
    rows += block.count
  await file.close()
  return rows
}

async function countByCsvParse(path: string): Promise<number> {
  const parser = parse({ skip_empty_lines: true, relax_column_count: true })
  let rows = 0
  parser.on('data', () => {
    rows++
  })
  const done = new Promise((resolve, reject) => parser.on('end', resolve).on('error', reject))
  createReadStream(path, { highWaterMark: 1024 * 1024 }).pipe(parser)
  await done
  return rows
}
