import type { Storage } from '../../sqlite/database.ts'
import { prepareValue } from '../prepare-value.ts'

/** Rows of a query's result, kept in the data file as lines of CSV, so that a page can begin at any row. */
export interface QueryPages {
  /** Adds lines behind those that are there. All pieces but the last hold `rowsOfPiece` lines. */
  add(job: string, piece: number, lines: readonly string[]): void
  setHeader(job: string, header: string): void
  header(job: string): string
  /** Lines from the `start`th on. */
  read(job: string, start: number, count: number): Generator<Buffer>
  remove(job: string): void
}

export const rowsOfPiece = 1000

/** The header stands before the first piece. */
const headerPiece = -1

export function createQueryPages(storage: Storage): QueryPages {
  storage.exec(`CREATE TABLE IF NOT EXISTS bulk_page (
    id INTEGER PRIMARY KEY, job TEXT NOT NULL, piece INTEGER NOT NULL, lines BLOB NOT NULL, ends BLOB NOT NULL,
    UNIQUE (job, piece))`)
  storage.exec('DELETE FROM bulk_page WHERE job NOT IN (SELECT id FROM bulk_job)')
  const insert = storage.prepare('INSERT INTO bulk_page (job, piece, lines, ends) VALUES (?, ?, ?, ?)')
  const selectLines = prepareValue(storage, 'SELECT lines FROM bulk_page WHERE job = ? AND piece = ?')
  const selectEnds = prepareValue(storage, 'SELECT ends FROM bulk_page WHERE job = ? AND piece = ?')
  const removeAll = storage.prepare('DELETE FROM bulk_page WHERE job = ?')

  function blob(select: (parameters: readonly unknown[]) => unknown, job: string, piece: number): Buffer {
    const bytes = select([job, piece])
    if (!Buffer.isBuffer(bytes)) throw new Error(`The results of ${job} are gone`)
    return bytes
  }

  return {
    add(job, piece, lines) {
      const ends = Buffer.alloc(lines.length * 4)
      let end = 0
      for (const [index, line] of lines.entries()) {
        end += Buffer.byteLength(line)
        ends.writeUInt32LE(end, index * 4)
      }
      insert.run([job, piece, Buffer.from(lines.join('')), ends])
    },
    setHeader(job, header) {
      insert.run([job, headerPiece, Buffer.from(header), Buffer.alloc(0)])
    },
    header: (job) => blob(selectLines, job, headerPiece).toString('utf8'),
    *read(job, start, count) {
      const stop = start + count
      for (let row = start; row < stop; ) {
        const piece = Math.floor(row / rowsOfPiece)
        const firstOfPiece = piece * rowsOfPiece
        const nextOfPiece = Math.min(firstOfPiece + rowsOfPiece, stop)
        const ends = blob(selectEnds, job, piece)
        const lineEnd = (line: number) => (line < 0 ? 0 : ends.readUInt32LE(line * 4))
        const lines = blob(selectLines, job, piece)
        yield lines.subarray(lineEnd(row - firstOfPiece - 1), lineEnd(nextOfPiece - firstOfPiece - 1))
        row = nextOfPiece
      }
    },
    remove(job) {
      removeAll.run([job])
    },
  }
}
