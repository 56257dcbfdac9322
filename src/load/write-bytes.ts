import type { FileHandle } from 'node:fs/promises'
import { RunError, UsageError } from '../errors.ts'
import type { ByteWriter } from './byte-writer.ts'

/** Writes what was put together, and returns its bytes. Throws `RunError` when it cannot be written; `path`: for the message. */
export async function writeAll(handle: FileHandle, path: string, bytes: ByteWriter): Promise<number> {
  if (bytes.length === 0) return 0
  try {
    const piece = bytes.view()
    for (let written = 0; written < piece.length; ) {
      written += (await handle.write(piece, written)).bytesWritten
    }
    bytes.length = 0
    return piece.length
  } catch (cause) {
    throw writeFailed(path, cause)
  }
}

/** Nothing was sent yet. */
export function unwritable(path: string, cause: unknown): UsageError {
  return new UsageError(`cannot write ${path}: ${plainReason(cause)}`, {
    code: 'UNWRITABLE_OUTPUT',
    hint: 'nothing was sent; name another place with --errors FILE and --success FILE',
    cause,
  })
}

/** What was sent is on its way. */
export function writeFailed(path: string, cause: unknown): RunError {
  const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC'
  return new RunError(
    full ? `the disk is full: ${path} could not be written` : `cannot write ${path}: ${plainReason(cause)}`,
    {
      code: full ? 'DISK_FULL' : 'WRITE_FAILED',
      cause,
    },
  )
}

function plainReason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'its folder does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission'
  if (code === 'EROFS') return 'the file system is read-only'
  return message
}
