import type { Storage } from '../../sqlite/database.ts'
import { prepareValue } from '../prepare-value.ts'
import { shuffledOrder } from './shuffle.ts'

export type ResultVerdict = 'successful' | 'failed'

/** Lines of result files, kept chunk by chunk as they came to be; given out in an order that is not the upload's. */
export interface IngestResults {
  /** Called inside the transaction that writes the chunk's rows. */
  add(job: string, chunk: number, verdict: ResultVerdict, lines: readonly string[]): void
  read(job: string, verdict: ResultVerdict): AsyncGenerator<Buffer>
  remove(job: string): void
}

export function createIngestResults(storage: Storage): IngestResults {
  storage.exec(`CREATE TABLE IF NOT EXISTS bulk_result (
    id INTEGER PRIMARY KEY, job TEXT NOT NULL, verdict TEXT NOT NULL, chunk INTEGER NOT NULL, lines BLOB NOT NULL,
    UNIQUE (job, verdict, chunk))`)
  storage.exec('DELETE FROM bulk_result WHERE job NOT IN (SELECT id FROM bulk_job)')
  const insert = storage.prepare('INSERT INTO bulk_result (job, verdict, chunk, lines) VALUES (?, ?, ?, ?)')
  const chunks = storage.prepare('SELECT chunk FROM bulk_result WHERE job = ? AND verdict = ? ORDER BY chunk').pluck()
  const select = prepareValue(storage, 'SELECT lines FROM bulk_result WHERE job = ? AND verdict = ? AND chunk = ?')
  const removeAll = storage.prepare('DELETE FROM bulk_result WHERE job = ?')

  return {
    add(job, chunk, verdict, lines) {
      if (lines.length === 0) return
      const order = shuffledOrder(lines.length, `${job} ${chunk}`)
      insert.run([job, verdict, chunk, Buffer.from(order.map((index) => lines[index]).join(''))])
    },
    async *read(job, verdict) {
      const stored = chunks.all([job, verdict]).map(Number)
      for (const index of shuffledOrder(stored.length, job)) {
        const lines = select([job, verdict, stored[index]])
        if (!Buffer.isBuffer(lines)) throw new Error(`The results of ${job} are gone`)
        yield lines
      }
    },
    remove(job) {
      removeAll.run([job])
    },
  }
}
