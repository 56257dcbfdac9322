import { createHash, type Hash, randomUUID } from 'node:crypto'
import { isProcessAlive } from '../is-process-alive.ts'
import type { PreparedStatement, Storage } from '../sqlite/database.ts'
import type { StagedBody } from './engine.ts'
import { prepareValue } from './prepare-value.ts'
import { blobTable } from './schema-tables.ts'

type Prepare = (sql: string) => PreparedStatement

/** A staged body's key goes on with the number of the process that receives it. No id has a space in it. */
const stagedPrefix = 'upload '

/** No more of a body than this is held in memory while it comes or goes. */
const pieceBytes = 1024 * 1024

/**
 * Stores a body that comes in pieces, of any size, before there is a record that it belongs to. What the source throws
 * is passed on, and nothing is left of the body.
 */
export async function stageBody(prepare: Prepare, source: AsyncIterable<Buffer>): Promise<StagedBody> {
  const key = `${stagedPrefix}${process.pid} ${randomUUID()}`
  const checksum = createHash('md5')
  const insert = pieceWriter(prepare, key, '')
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let size = 0
  try {
    for await (const piece of source) {
      checksum.update(piece)
      size += piece.length
      waiting.push(piece)
      waitingBytes += piece.length
      if (waitingBytes < pieceBytes) continue
      insert(Buffer.concat(waiting))
      waiting = []
      waitingBytes = 0
    }
    if (waitingBytes > 0 || size === 0) insert(Buffer.concat(waiting))
  } catch (error) {
    deleteBody(prepare, key)
    throw error
  }
  return { text: spellStaged(key, size, checksum), size }
}

/** Forgets the bodies that processes were receiving when they died. */
export function dropAbandoned(prepare: Prepare): void {
  const select = `SELECT DISTINCT id FROM ${blobTable} WHERE id >= '${stagedPrefix}' AND id < '${stagedPrefix}:'`
  for (const [id] of prepare(select).rows([])) {
    const key = String(id)
    if (!isProcessAlive(key.slice(stagedPrefix.length))) deleteBody(prepare, key)
  }
}

/** Forgets a staged body, unless a record has it by now. */
export function dropStaged(prepare: Prepare, { text }: StagedBody): void {
  const key = readStaged(text)?.key
  if (key !== undefined) deleteBody(prepare, key)
}

/** Gives a record its body: base64, or the text of one that is staged. The body that it had is gone. */
export function storeBody(prepare: Prepare, id: string, field: string, text: string): void {
  prepare(`DELETE FROM ${blobTable} WHERE id = ? AND field = ?`).run([id, field])
  const staged = readStaged(text)
  if (staged !== undefined) {
    prepare(`UPDATE ${blobTable} SET id = ?, field = ? WHERE id = ?`).run([id, field, staged.key])
    return
  }
  const bytes = Buffer.from(text, 'base64')
  const insert = pieceWriter(prepare, id, field)
  for (let start = 0; start === 0 || start < bytes.length; start += pieceBytes) {
    insert(bytes.subarray(start, start + pieceBytes))
  }
}

/** The body of a record, piece by piece; `undefined` when there is none. */
export function readBody(storage: Storage, id: string, field: string): Iterable<Buffer> | undefined {
  const select = prepareValue(storage, `SELECT body FROM ${blobTable} WHERE id = ? AND field = ? AND piece = ?`)
  const first = select([id, field, 0])
  return Buffer.isBuffer(first) ? readPieces(first, (piece) => select([id, field, piece])) : undefined
}

function* readPieces(first: Buffer, select: (piece: number) => unknown): Generator<Buffer> {
  let body: unknown = first
  for (let piece = 1; Buffer.isBuffer(body); piece++) {
    yield body
    body = select(piece)
  }
}

/** Bytes of a body that is given as base64 or staged. */
export function sizeOfBody(text: string): number {
  return readStaged(text)?.size ?? Buffer.byteLength(text, 'base64')
}

/** MD5 in hexadecimal. */
export function checksumOfBody(text: string): string {
  return readStaged(text)?.checksum ?? createHash('md5').update(Buffer.from(text, 'base64')).digest('hex')
}

/** A colon is in no base64, so that the two cannot be mistaken for each other. */
function spellStaged(key: string, size: number, checksum: Hash): string {
  return `${key}:${size}:${checksum.digest('hex')}`
}

function readStaged(
  text: string,
): { readonly key: string; readonly size: number; readonly checksum: string } | undefined {
  if (!text.startsWith(stagedPrefix)) return undefined
  const [key = '', size, checksum = ''] = text.split(':')
  return { key, size: Number(size), checksum }
}

function pieceWriter(prepare: Prepare, id: string, field: string): (body: Buffer) => void {
  const insert = prepare(`INSERT INTO ${blobTable} (id, field, piece, body) VALUES (?, ?, ?, ?)`)
  let piece = 0
  return (body) => {
    insert.run([id, field, piece, body])
    piece += 1
  }
}

function deleteBody(prepare: Prepare, id: string): void {
  prepare(`DELETE FROM ${blobTable} WHERE id = ?`).run([id])
}
