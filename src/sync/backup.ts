import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { RunError, UsageError } from '../errors.ts'
import { openDatabase, type Storage, selectRows } from '../sqlite/database.ts'
import type { SyncFile } from './sync-file.ts'

/**
 * Copies a file as it is at one moment, while others may go on reading and editing it, and checks both. Throws `UsageError`
 * for a copy that is there already, and `RunError` with code `FILE_DAMAGED` when either is not sound. The copy gets its name
 * when it is whole.
 */
export function backupFile(file: SyncFile, copy: string): void {
  if (existsSync(copy)) {
    throw new UsageError(`${copy} is there already`, { code: 'FILE_EXISTS', hint: 'name a file that does not exist' })
  }
  if (!existsSync(dirname(copy))) {
    throw new UsageError(`there is no folder ${dirname(copy)}`, {
      code: 'FILE_NOT_FOUND',
      hint: 'make it, or check the path',
    })
  }
  checkIntegrity(file.storage, file.name)
  const partial = `${copy}.partial`
  rmSync(partial, { force: true })
  try {
    file.sql('VACUUM INTO ?').run([partial])
    checkCopy(partial, copy)
    renameSync(partial, copy)
  } finally {
    rmSync(partial, { force: true })
  }
}

function checkCopy(path: string, name: string): void {
  const copied = openDatabase(path)
  try {
    checkIntegrity(copied, name)
    copied.exec('PRAGMA journal_mode = DELETE')
  } finally {
    copied.close()
  }
}

function checkIntegrity(storage: Storage, path: string): void {
  const faults = selectRows(storage, 'PRAGMA integrity_check').map(([fault]) => String(fault))
  if (faults.length === 1 && faults[0] === 'ok') return
  throw new RunError(`${path} is damaged: ${faults.slice(0, 3).join('; ')}`, {
    code: 'FILE_DAMAGED',
    hint: 'go back to the last backup; what was edited since may be read out with `sqlite3 <file> .recover`',
  })
}
