import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeCertificate } from '../test/support/write-certificate.ts'
import { measureLargeLoad } from './large-load.ts'
import { measureMapping } from './mapping.ts'
import { measureQuery } from './query.ts'
import { writeQueryPages } from './query-pages.ts'
import { keepsLimit, type Line, renderLine } from './report.ts'
import { measureScanner } from './scanner.ts'
import type { Setting } from './setting.ts'
import { startSink } from './sink-process.ts'
import { measureStartUp } from './start-up.ts'
import { measureSync } from './sync.ts'
import { measureWholeLoad } from './whole-load.ts'

const measurements: Readonly<Record<string, (setting: Setting) => Promise<Line[]>>> = {
  'start-up': measureStartUp,
  scanner: measureScanner,
  'whole-load': measureWholeLoad,
  'large-load': measureLargeLoad,
  mapping: measureMapping,
  query: measureQuery,
  sync: measureSync,
}

const programs = process.env.BENCH_FOLDER ?? '.'
const quick = process.argv.includes('--quick')
const asked = process.argv.slice(2).filter((argument) => argument !== '--quick')
const unknown = asked.filter((name) => !(name in measurements))
if (unknown.length > 0) {
  process.stderr.write(`no such part: ${unknown.join(', ')}\n  → name one of ${Object.keys(measurements).join(', ')}\n`)
  process.exit(2)
}
const folder = await mkdtemp(join(tmpdir(), 'sfbulk-bench-'))
const pages = join(folder, 'pages')
const kept = join(folder, 'sink')
const written = join(folder, 'written')
const certificate = join(folder, 'certificate')
for (const each of [kept, written, certificate]) await mkdir(each)
const { certificateFile } = writeCertificate(certificate)
if (asked.length === 0 || asked.includes('query')) await writeQueryPages(pages, quick ? 500_000 : 5_000_000)
const sink = await startSink(join(programs, 'sink.js'), kept, pages, certificate)
try {
  const setting: Setting = {
    sink,
    folder,
    written,
    programs,
    sfbulk: [process.execPath, join(programs, 'program', 'bin', 'sfbulk.js')],
    environment: {
      SF_ACCESS_TOKEN: 'bench',
      SF_INSTANCE_URL: sink.url,
      SFBULK_HOME: join(folder, 'home'),
    },
    certificateFile,
    quick,
    rounds: 3,
  }
  for (const [name, measure] of Object.entries(measurements)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    for (const line of await measure(setting)) {
      process.stdout.write(`${renderLine(line)}\n`)
      if (!keepsLimit(line)) process.exitCode = 1
    }
  }
} finally {
  sink.close()
  await rm(folder, { recursive: true, force: true })
}
