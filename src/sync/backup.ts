import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { RunError, UsageError } from '../errors.ts'
import { quoteName, type Storage, selectRows } from '../sqlite/database.ts'
import { listPending } from './pending.ts'
import { openSyncFile, type SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import { editsTable } from './triggers.ts'

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
  const copied = openSyncFile(path, name)
  try {
    checkIntegrity(copied.storage, name)
    doubtCreates(copied)
    copied.storage.exec('PRAGMA journal_mode = DELETE')
  } finally {
    copied.close()
  }
}

/**
 * By the time that a copy is synced its new rows may have been sent by the file itself. They stand as if a push that was broken
 * off had taken them, so that they are looked for in the org before they are sent.
 */
function doubtCreates(copied: SyncFile): void {
  copied.apply(() => {
    for (const object of copied.objects().filter((each) => hasTables(copied, each))) {
      const ids = listPending(copied, object, 'create')
      if (ids.length === 0) continue
      const push = `copied ${object.name}`
      copied
        .sql(
          "INSERT OR REPLACE INTO sfbulk_pushes VALUES (?, ?, 'create', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL)",
        )
        .run([push, object.name])
      const take = copied.sql(`UPDATE ${quoteName(editsTable(object))} SET _sent = ? WHERE _id = ? AND _sent = ''`)
      for (const id of ids) take.run([push, id])
    }
  })
}

/** A file is copied as it is, also where another program has dropped a table. */
function hasTables(file: SyncFile, object: SyncObject): boolean {
  const names = [object.name, editsTable(object)]
  return file.sql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name IN (?, ?)").rows(names).length === 2
}

function checkIntegrity(storage: Storage, path: string): void {
  const faults = selectRows(storage, 'PRAGMA integrity_check').flatMap(([fault]) => String(fault).split('\n'))
  if (faults.length === 1 && faults[0] === 'ok') return
  throw new RunError(`${path} is damaged: ${faults.slice(0, 3).join('; ')}`, {
    code: 'FILE_DAMAGED',
    hint: 'go back to the last backup; what was edited since may be read out with `sqlite3 <file> .recover`',
  })
}
