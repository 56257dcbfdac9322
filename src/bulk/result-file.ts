import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ExpectedError, RunError } from '../errors.ts'
import { CutAnswerError, readBody } from '../org/cut-answer.ts'
import type { Org } from '../org/org.ts'
import { isPassing } from '../org/retry.ts'
import { restartPause, restarts } from '../org/retry-table.ts'
import type { Clock } from './clock.ts'
import { fetchResultFile, type ResultFile } from './ingest-jobs.ts'
import { RecordCounter } from './record-counter.ts'

export interface DownloadTools {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Stores a result file of an ended job at `path` and returns its rows, the header not counted. A body that breaks off or
 * holds fewer rows than the job's counters say is fetched again as a whole, three times at most; the fullest answer is
 * not pieced together from several, since nothing promises that their rows stand in the same order. What the last one
 * holds is then returned, so the caller compares the count.
 *
 * Throws what `Org.send` throws, and `RunError` when every answer broke off or the file cannot be written.
 */
export async function downloadResultFile(
  org: Org,
  request: { readonly job: string; readonly file: ResultFile; readonly rows: number; readonly path: string },
  tools: DownloadTools,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === restarts.resultFile.tries
    try {
      const stored = await storeOnce(org, request, tools.signal)
      if (stored.whole && (stored.rows >= request.rows || last)) return stored.rows
      if (last) throw new CutAnswerError(`${request.file} of job ${request.job}`)
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw notStored(request.path, error)
      if (tools.signal.aborted || last || !isPassing(error)) throw error
    }
    await tools.clock.sleep(restartPause(attempt), tools.signal)
  }
}

async function storeOnce(
  org: Org,
  { job, file, path }: { readonly job: string; readonly file: ResultFile; readonly path: string },
  signal: AbortSignal,
): Promise<{ readonly rows: number; readonly whole: boolean }> {
  const answer = await fetchResultFile(org, job, file, signal)
  const counter = new RecordCounter()
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const block of readBody(answer, `${file} of job ${job}`)) {
      counter.add(block)
      yield block
    }
  }
  // The stream writes what has come meanwhile in one go; a write for every block of the network would double the time.
  await pipeline(counted, createWriteStream(path, { mode: 0o600, highWaterMark: writeAheadBytes }))
  return { rows: Math.max(0, counter.records - 1), whole: !counter.insideQuotes }
}

const writeAheadBytes = 4 << 20

function notStored(path: string, cause: unknown): RunError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new RunError(`cannot store the results at ${path}: ${reason}`, {
    code: 'CANNOT_WRITE',
    hint: 'the results stay on the server for seven days: make room and resume the run',
    cause,
  })
}
