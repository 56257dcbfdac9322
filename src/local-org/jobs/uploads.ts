import type { Storage } from '../../sqlite/database.ts'
import { prepareValue } from '../prepare-value.ts'

/** What is known of an upload once it is there. */
export interface UploadFacts {
  readonly uploadBytes: number
  readonly hasCrlf: boolean
  readonly hasBareLf: boolean
}

/** Uploaded CSV files, kept in the data file in pieces, so that neither side ever holds one whole. */
export interface Uploads {
  /** Stores an upload. One that breaks off or grows beyond `maxBytes` leaves nothing behind and throws. */
  store(job: string, body: AsyncIterable<Buffer>, maxBytes: number): Promise<UploadFacts>
  /** The bytes, piece by piece. */
  read(job: string): Generator<Buffer>
  remove(job: string): void
}

/** Thrown when an upload is larger than the service takes. */
export class UploadTooLarge extends Error {}

/** Bytes of a stored piece: small enough that parsing one does not hold up other requests. */
const pieceBytes = 256 * 1024

export function createUploads(storage: Storage): Uploads {
  storage.exec(`CREATE TABLE IF NOT EXISTS bulk_upload (
    id INTEGER PRIMARY KEY, job TEXT NOT NULL, piece INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (job, piece))`)
  storage.exec('DELETE FROM bulk_upload WHERE job NOT IN (SELECT id FROM bulk_job)')
  const insert = storage.prepare('INSERT INTO bulk_upload (job, piece, bytes) VALUES (?, ?, ?)')
  const select = prepareValue(storage, 'SELECT bytes FROM bulk_upload WHERE job = ? AND piece = ?')
  const removeAll = storage.prepare('DELETE FROM bulk_upload WHERE job = ?')

  return {
    async store(job, body, maxBytes) {
      const facts = { uploadBytes: 0, hasCrlf: false, hasBareLf: false }
      let piece = 0
      let endsInCr = false
      // Pieces of an upload during which an earlier process ended.
      removeAll.run([job])
      try {
        for await (const bytes of cutPieces(body)) {
          facts.uploadBytes += bytes.length
          if (facts.uploadBytes > maxBytes) throw new UploadTooLarge(`more than ${maxBytes} bytes`)
          noteLineEndings(bytes, endsInCr, facts)
          endsInCr = bytes.at(-1) === cr
          insert.run([job, piece, bytes])
          piece += 1
        }
      } catch (error) {
        removeAll.run([job])
        throw error
      }
      return facts
    },
    *read(job) {
      for (let piece = 0; ; piece += 1) {
        const bytes = select([job, piece])
        if (!Buffer.isBuffer(bytes)) return
        yield bytes
      }
    },
    remove(job) {
      removeAll.run([job])
    },
  }
}

const cr = 0x0d
const lf = 0x0a

/** Looks at every LF of a piece, inside quotes and outside: the service does not tell them apart either. */
function noteLineEndings(bytes: Buffer, afterCr: boolean, facts: { hasCrlf: boolean; hasBareLf: boolean }): void {
  for (let at = bytes.indexOf(lf); at !== -1; at = bytes.indexOf(lf, at + 1)) {
    const isCrlf = at === 0 ? afterCr : bytes[at - 1] === cr
    if (isCrlf) facts.hasCrlf = true
    else facts.hasBareLf = true
    if (facts.hasCrlf && facts.hasBareLf) return
  }
}

/** Joins and cuts what comes over the wire into pieces of one size. */
async function* cutPieces(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let size = 0
  for await (const bytes of body) {
    waiting.push(bytes)
    size += bytes.length
    if (size < pieceBytes) continue
    const joined = Buffer.concat(waiting)
    const whole = joined.length - (joined.length % pieceBytes)
    for (let start = 0; start < whole; start += pieceBytes) yield joined.subarray(start, start + pieceBytes)
    waiting = [joined.subarray(whole)]
    size = joined.length - whole
  }
  if (size > 0) yield Buffer.concat(waiting)
}
