import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ReadBytes, readFileRange } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import type { SourcePosition } from '../csv/records.ts'
import { scanRecords } from '../csv/scan.ts'
import type { EchoedResults, PartEnd, Verdict } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import type { Clock } from './clock.ts'
import type { ResultFile } from './ingest-jobs.ts'
import { downloadResultFile } from './result-file.ts'

export interface ResultTools {
  readonly clock: Clock
  /** Folder for the files while they are read. Default: the system's for temporary files. */
  readonly temporaryFolder?: string | undefined
}

interface Wanted {
  readonly file: ResultFile
  readonly verdict: Verdict
  /** Rows that the job's counters promise. */
  readonly rows: number
}

/**
 * The answers of an ended job of `rows` rows, block by block. A file that should be empty by the job's counters costs no
 * call, unless rows are missing at the end: the counters of a job that failed need not tell everything.
 *
 * Each file is stored before its first row is given, since only then is it known to be whole: a row that was given cannot
 * be taken back when a broken answer is fetched again.
 */
export async function* readResults(
  org: Org,
  job: string,
  end: PartEnd,
  rows: number,
  tools: ResultTools,
): AsyncGenerator<EchoedResults> {
  const files = [
    { file: 'successfulResults', verdict: 'accepted', rows: end.accepted },
    { file: 'failedResults', verdict: 'rejected', rows: end.rejected },
    { file: 'unprocessedrecords', verdict: 'unprocessed', rows: rows - end.accepted - end.rejected },
  ] as const satisfies readonly Wanted[]
  const abort = new AbortController()
  const folder = await mkdtemp(join(tools.temporaryFolder ?? tmpdir(), 'sfbulk-results-'))
  try {
    let found = 0
    for (const wanted of [...files.filter((file) => file.rows > 0), ...files.filter((file) => file.rows <= 0)]) {
      if (found >= rows) return
      const path = join(folder, wanted.file)
      const request = { job, file: wanted.file, rows: wanted.rows, path }
      found += await downloadResultFile(org, request, { clock: tools.clock, signal: abort.signal })
      yield* readResultFile(path, wanted.verdict)
      await rm(path)
    }
  } finally {
    abort.abort()
    await rm(folder, { recursive: true, force: true })
  }
}

async function* readResultFile(path: string, verdict: Verdict): AsyncGenerator<EchoedResults> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const header = await readHeader(readFileRange(file, 0, size))
    if (header === undefined) return
    const { names, next } = header
    const rest = readFileRange(file, next.offset, size)
    for await (const records of scanRecords(rest, { ...next, delimiter: ',', columns: names.length })) {
      yield { verdict, header: names, records }
    }
  } finally {
    await file.close()
  }
}

interface Header {
  readonly names: readonly string[]
  /** Where the rows begin. */
  readonly next: SourcePosition
}

/** The first record on its own; undefined for a body without any, which the service may send in place of a lone header. */
async function readHeader(read: ReadBytes): Promise<Header | undefined> {
  for await (const block of scanRecords(read, { delimiter: ',', blockBytes: headerBytes })) {
    const names = recordCells(block, 0)
    const follows = block.count > 1
    return {
      names,
      next: {
        offset: block.offset + (follows ? block.recordStart[1]! : block.recordEnd[0]!),
        line: follows ? block.line[1]! : block.line[0]!,
      },
    }
  }
  return undefined
}

/** The service takes headers of up to 32,000 characters; a longer one is read all the same. */
const headerBytes = 65_536
