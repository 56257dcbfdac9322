import { constants } from 'node:fs'
import { access, type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatCount } from '../format-count.ts'

/** A file that can be sent. */
export interface LocalFile {
  /** Links resolved. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly changedAt: number
}

/** Where paths of a manifest stand and what they may name. */
export interface FileRules {
  /** Folder of the manifest. */
  readonly folder: string
  /** Whether files outside of that folder are sent. */
  readonly allowOutside: boolean
  /** The limit that a file of so many bytes is held against. */
  limitOf(bytes: number): SizeLimit | Promise<SizeLimit>
}

export interface SizeLimit {
  readonly bytes: number
  /** For messages: `25 MB that an Attachment may have`. */
  readonly words: string
}

/**
 * Finds the file that a cell names by a path or a `file:` URL; or says why it is not sent, as a text that begins `LOCAL:`.
 *
 * A manifest may come from somebody else, and must not send what lies elsewhere on this machine: links are resolved before
 * a path counts as inside.
 */
export async function findFile(cell: string, rules: FileRules): Promise<LocalFile | { readonly reject: string }> {
  const path = readPath(cell, rules.folder)
  if (path === undefined) return reject(cell, 'is no path and no file: URL')
  try {
    const real = await realpath(path)
    if (!rules.allowOutside && !isInside(await realpath(rules.folder), real)) {
      return reject(cell, "lies outside of the manifest's folder; --allow-outside sends it all the same")
    }
    const found = await stat(real)
    if (found.isDirectory()) return reject(cell, 'is a folder')
    if (!found.isFile()) return reject(cell, 'is no regular file')
    if (found.size === 0) return reject(cell, 'is empty')
    const limit = await rules.limitOf(found.size)
    if (found.size > limit.bytes) {
      return reject(cell, `has ${formatCount(found.size)} bytes, more than the ${limit.words}`)
    }
    await access(real, constants.R_OK)
    return { path: real, size: found.size, changedAt: found.mtimeMs }
  } catch (error) {
    return reject(cell, explain(error))
  }
}

/** Largest piece that is held of a file; a multiple of 3, so that the base64 of all pieces is the base64 of the whole. */
const pieceBytes = 768 * 1024

/** The bytes of a file, piece by piece. Throws where it cannot be read or has another size than when it was found. */
export async function* readFile({ path, size }: Pick<LocalFile, 'path' | 'size'>): AsyncGenerator<Buffer> {
  const handle = await openFile(path)
  try {
    let left = size
    while (left > 0) {
      const piece = Buffer.allocUnsafe(Math.min(left, pieceBytes))
      await fill(handle, piece, path)
      yield piece
      left -= piece.length
    }
    const { bytesRead } = await handle.read(Buffer.alloc(1), 0, 1)
    if (bytesRead > 0) throw changed(path)
  } finally {
    await handle.close()
  }
}

/** The same as text in base64. */
export async function* readBase64(file: LocalFile): AsyncGenerator<Buffer> {
  for await (const piece of readFile(file)) yield Buffer.from(piece.toString('base64'), 'latin1')
}

/** Bytes of the base64 of so many bytes. */
export function base64Length(size: number): number {
  return Math.ceil(size / 3) * 4
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new Error(`${path} ${explain(error)}`, { cause: error })
  }
}

async function fill(handle: FileHandle, piece: Buffer, path: string): Promise<void> {
  for (let filled = 0; filled < piece.length; ) {
    const { bytesRead } = await handle.read(piece, filled, piece.length - filled)
    if (bytesRead === 0) throw changed(path)
    filled += bytesRead
  }
}

function changed(path: string): Error {
  return new Error(`${path} changed while it was being read`)
}

function readPath(cell: string, folder: string): string | undefined {
  if (cell.includes('\0')) return undefined
  try {
    if (/^file:/i.test(cell)) return fileURLToPath(cell)
  } catch {
    return undefined
  }
  return /^[a-z][a-z\d+.-]+:\/\//i.test(cell) ? undefined : resolve(folder, cell)
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function reject(cell: string, why: string): { readonly reject: string } {
  return { reject: `LOCAL:the file ${cell} ${why}` }
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: no permission'
  if (code === 'ELOOP') return 'is a link that leads to itself'
  if (code === 'ENAMETOOLONG') return 'has a name that is too long'
  return `cannot be read: ${message}`
}
