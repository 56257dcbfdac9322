import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ReadBytes, readBuffer, readChunks, readFileRange } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import { recordFault, type SourcePosition } from '../csv/records.ts'
import { scanRecords } from '../csv/scan.ts'
import type { EchoedResults, PartEnd, Verdict } from '../load/transport.ts'
import { CutAnswerError, readBody } from '../org/cut-answer.ts'
import { dropBehind } from '../org/drop-bytes.ts'
import type { Org } from '../org/org.ts'
import { isPassing } from '../org/retry.ts'
import type { Clock } from './clock.ts'
import { fetchResultFile, type ResultFile } from './ingest-jobs.ts'
import { type DownloadTools, downloadResultFile } from './result-file.ts'

export interface ResultTools {
  readonly clock: Clock
  /** Folder for the files where they are stored. Default: the system's for temporary files. */
  readonly temporaryFolder?: string | undefined
  /**
   * Told when the answers given so far are void, since one of their files broke off: all of them are then given once more.
   * Left out: nothing is given that may have to be taken back.
   */
  readonly startAnew?: (() => Promise<void>) | undefined
}

interface Wanted {
  readonly file: ResultFile
  readonly verdict: Verdict
  /** Rows that the job's counters promise. */
  readonly rows: number
}

/** Gives the answers of a file, and returns their number. */
type ReadFile = (wanted: Wanted) => AsyncGenerator<EchoedResults, number>

/**
 * The answers of an ended job of `rows` rows, block by block. A file that should be empty by the job's counters costs no
 * call, unless rows are missing at the end: the counters of a job that failed need not tell everything.
 *
 * Only at its end a file is known to be whole. For a reader that can start anew the answers are given as they come; for others,
 * and after a file that broke off, each file is stored before its first row is given, and fetched again until it is whole.
 * On 600,000 rows the storing took a fifth of the time of the whole load.
 */
export async function* readResults(
  org: Org,
  job: string,
  end: PartEnd,
  rows: number,
  tools: ResultTools,
): AsyncGenerator<EchoedResults> {
  const abort = new AbortController()
  const { signal } = abort
  const wanted = [
    { file: 'successfulResults', verdict: 'accepted', rows: end.accepted },
    { file: 'failedResults', verdict: 'rejected', rows: end.rejected },
    { file: 'unprocessedrecords', verdict: 'unprocessed', rows: rows - end.accepted - end.rejected },
  ] as const satisfies readonly Wanted[]
  try {
    if (tools.startAnew !== undefined) {
      try {
        yield* readFiles(wanted, rows, (file) => readAsItComes(org, job, file, signal))
        return
      } catch (error) {
        if (!isPassing(error)) throw error
        await tools.startAnew()
      }
    }
    const folder = await mkdtemp(join(tools.temporaryFolder ?? tmpdir(), 'sfbulk-results-'))
    try {
      const download = { clock: tools.clock, signal }
      yield* readFiles(wanted, rows, (file) => readStored(org, job, file, folder, download))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } finally {
    abort.abort()
  }
}

async function* readFiles(
  files: readonly Wanted[],
  rows: number,
  readFile: ReadFile,
): AsyncGenerator<EchoedResults, void> {
  let found = 0
  for (const wanted of [...files.filter((file) => file.rows > 0), ...files.filter((file) => file.rows <= 0)]) {
    if (found >= rows && wanted.rows <= 0) return
    found += yield* readFile(wanted)
  }
}

/** Throws `CutAnswerError` behind the last answer when there are fewer than promised, or it is no whole record. */
async function* readAsItComes(
  org: Org,
  job: string,
  { file, verdict, rows }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<EchoedResults, number> {
  const what = `${file} of job ${job}`
  const read = readChunks(dropBehind(readBody(await fetchResultFile(org, job, file, signal), what)))
  let found = 0
  let isWhole = true
  for await (const answers of readAnswers(read, verdict)) {
    const { count, fault } = answers.records
    found += count
    isWhole = fault[count - 1] === recordFault.none
    yield answers
  }
  if (found < rows || !isWhole) throw new CutAnswerError(what)
  return found
}

async function* readStored(
  org: Org,
  job: string,
  { file, verdict, rows }: Wanted,
  folder: string,
  tools: DownloadTools,
): AsyncGenerator<EchoedResults, number> {
  const path = join(folder, file)
  const found = await downloadResultFile(org, { job, file, rows, path }, tools)
  const stored = await open(path)
  try {
    const { size } = await stored.stat()
    yield* readAnswers(readFileRange(stored, 0, size), verdict)
  } finally {
    await stored.close()
  }
  await rm(path)
  return found
}

async function* readAnswers(read: ReadBytes, verdict: Verdict): AsyncGenerator<EchoedResults, void> {
  const start = withoutMark(await readStart(read))
  const header = await readHeader(readBuffer(start))
  if (header === undefined) return
  const { names, next } = header
  const rest = readBoth(readBuffer(start.subarray(next.offset)), read)
  const scan = { ...next, delimiter: ',', columns: names.length, fromService: true }
  for await (const records of scanRecords(rest, scan)) {
    yield { verdict, header: names, records }
  }
}

/** As many bytes as may be needed for the header; fewer only of a shorter file. */
async function readStart(read: ReadBytes): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(headerBytes)
  let length = 0
  for (let count = -1; count !== 0 && length < bytes.length; length += count) count = await read(bytes, length)
  return bytes.subarray(0, length)
}

/** A byte order mark is no part of the first column's name. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes
}

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf)

function readBoth(first: ReadBytes, second: ReadBytes): ReadBytes {
  let isFirst = true
  return async (target, at) => {
    const count = isFirst ? await first(target, at) : 0
    if (count > 0) return count
    isFirst = false
    return await second(target, at)
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
