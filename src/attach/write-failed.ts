import { RunError } from '../errors.ts'

/** Why a file could not be written, for the end of the run. */
export function writeFailed(file: string, cause: unknown): RunError {
  const { code, message } = cause as NodeJS.ErrnoException
  const isFull = code === 'ENOSPC'
  return new RunError(isFull ? `the disk is full: ${file} could not be written` : `cannot write ${file}: ${message}`, {
    code: isFull ? 'DISK_FULL' : 'WRITE_FAILED',
    cause,
  })
}
