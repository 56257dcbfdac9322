import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CsvKind, csvKinds, writeCsvOfKind } from './csv-data.ts'
import { interleave, median, type Run, run } from './measure.ts'
import { type Line, round } from './report.ts'
import type { Setting } from './setting.ts'

/**
 * Finding the records of a file: the scanner of a load beside csv-parse (arrays, `data` event), in processes of their own
 * that take turns. Both count the records, and end with an error when they count another number than were written.
 */
export async function measureScanner(setting: Setting): Promise<Line[]> {
  const lines: Line[] = []
  for (const kind of Object.keys(csvKinds) as CsvKind[]) lines.push(await measureKind(kind, setting))
  return lines
}

async function measureKind(kind: CsvKind, { folder, programs, quick, rounds }: Setting): Promise<Line> {
  const path = join(folder, `${kind}.csv`)
  const { rows, bytes } = await writeCsvOfKind(path, kind, quick ? 50e6 : 200e6)
  const count = (way: string) => () =>
    run([process.execPath, join(programs, 'csv-count.js'), way, path, String(rows)], { folder })
  const runs = await interleave(rounds, { scanner: count('scanner'), csvParse: count('csv-parse') })
  await rm(path)
  const scanner = summarize(runs.scanner, bytes)
  const csvParse = summarize(runs.csvParse, bytes)
  return {
    what: `records found, csv-parse = 1: ${csvKinds[kind]}`,
    value: scanner.speed / csvParse.speed,
    unit: ' ×',
    limit: { kind: 'least', value: 4 },
    note: `${round(scanner.speed)} / ${round(csvParse.speed)} MB per CPU second, peak ${round(scanner.peak)} / ${round(csvParse.peak)} MB`,
  }
}

/** Medians: MB of input a second of processor time, garbage collection included, and MB of memory. */
function summarize(runs: readonly Run[], bytes: number): { speed: number; peak: number } {
  return {
    speed: bytes / 1e6 / median(runs.map(({ cpuSeconds, seconds }) => cpuSeconds ?? seconds)),
    peak: median(runs.map(({ peak }) => peak ?? Number.NaN)),
  }
}
