import { closeSync, openSync } from 'node:fs'
import { loadLibsql } from './load-libsql.ts'

/**
 * Takes hold of a file, made for its owner alone when it does not exist, until the lock is released or the process ends in
 * whatever way: the operating system keeps account of it. Undefined when another process, or this one, holds it. The file
 * itself stays, since one that is deleted could be held twice.
 */
export function lockFile(path: string): { release(): void } | undefined {
  closeSync(openSync(path, 'a', 0o600))
  const lock = new (loadLibsql())(path, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return { release: () => lock.close() }
  } catch (error) {
    lock.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}
