import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { UsageError } from '../errors.ts'

export interface InputFile {
  readonly file: FileHandle
  /** False for pipes and devices, which can be read only once. */
  readonly isRegular: boolean
  readonly size: number
  /** Milliseconds since 1970. */
  readonly changedAt: number
}

/** Opens a file to read; `name` is what messages call it. Throws `UsageError`: `FILE_NOT_FOUND`, or `FILE_UNREADABLE` for folders and missing permission. */
export async function openInputFile(path: string, name = path): Promise<InputFile> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY)
  } catch (error) {
    throw unreadableInput(name, error)
  }
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) throw isFolder(name)
    return { file, isRegular: stats.isFile(), size: stats.size, changedAt: stats.mtimeMs }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Says why an input cannot be opened or read on. */
export function unreadableInput(path: string, cause: unknown): UsageError {
  const reason = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (reason === 'ENOENT' || reason === 'ENOTDIR') {
    return new UsageError(`there is no file ${path}`, {
      code: 'FILE_NOT_FOUND',
      hint: `check the name; the current folder is ${process.cwd()}`,
      cause,
    })
  }
  if (reason === 'EISDIR') return isFolder(path)
  const denied = reason === 'EACCES' || reason === 'EPERM'
  const message = cause instanceof Error ? cause.message : String(cause)
  return new UsageError(denied ? `no permission to read ${path}` : `cannot read ${path}: ${message}`, {
    code: 'FILE_UNREADABLE',
    hint: denied ? `check its permissions: ls -l ${path}` : 'check the disk or the network share that it is on',
    cause,
  })
}

function isFolder(path: string): UsageError {
  return new UsageError(`${path} is a folder`, { code: 'FILE_UNREADABLE', hint: 'name a file in it' })
}
