import { existsSync } from 'node:fs'
import { settle } from './apply-remote.ts'
import { adoptId, replaceReferences } from './local-ids.ts'
import { changedFields } from './merge-row.ts'
import { openOwnCsv, readOwnCsv } from './own-csv.ts'
import type { EditOperation } from './pending.ts'
import { clearReject, registerReject } from './rejects.ts'
import { readEdit, readRow, removeEdit, removeRow } from './rows.ts'
import { keepSuperseded } from './superseded.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import { giveBack, listTaken } from './take-edits.ts'

/** Rows of a batch by what became of them. */
export interface BatchCounts {
  readonly accepted: number
  readonly rejected: number
  /** Not sent, or left by the service: they wait as before. */
  readonly left: number
  /** It is not known whether they were written. */
  readonly unknown: number
}

/** Brings the outcomes of a push into the file, in one transaction. */
export async function applyOutcomes(
  file: SyncFile,
  push: string,
  object: SyncObject,
  operation: EditOperation,
  paths: { readonly success: string; readonly errors: string },
): Promise<BatchCounts> {
  const accepted = await readResults(paths.success)
  const failed = await readResults(paths.errors)
  return file.apply(() => {
    let [rejected, left, unknown, settled] = [0, 0, 0, 0]
    for (const { row, id } of accepted) accept(file, push, object, operation, row, id)
    for (const { row, error } of failed) {
      if (error.startsWith('UNKNOWN:')) {
        unknown++
        continue
      }
      if (isGone(error) && supersede(file, push, object, operation, row)) {
        settled++
        continue
      }
      giveBack(file, object, push, row)
      if (/^(UNPROCESSED:|LOCAL:not sent)/.test(error)) left++
      else {
        registerReject(file, { object: object.name, id: row, operation, error })
        rejected++
      }
    }
    if (operation === 'create') replaceReferences(file)
    if (listTaken(file, object, push).length === 0) file.sql('DELETE FROM sfbulk_pushes WHERE push = ?').run([push])
    file
      .sql("UPDATE sfbulk_objects SET pushed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE name = ?")
      .run([object.name])
    return { accepted: accepted.length + settled, rejected, left, unknown }
  })
}

/** The org has the row as it was sent. */
export function accept(
  file: SyncFile,
  push: string,
  object: SyncObject,
  operation: EditOperation,
  row: string,
  id: string,
): void {
  removeEdit(file, object, row, push)
  clearReject(file, object, row)
  if (operation === 'create') adoptId(file, object, row, id)
}

/** The record is not there any more. */
function isGone(error: string): boolean {
  return /^(ENTITY_IS_DELETED|INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:(Id )?--)/.test(error)
}

/**
 * Whether that a record is gone settles its edit: it was to be deleted; or by last write wins the deletion stands. Otherwise
 * the next look at the record finds a conflict.
 */
function supersede(file: SyncFile, push: string, object: SyncObject, operation: EditOperation, id: string): boolean {
  if (operation === 'delete') {
    removeEdit(file, object, id, push)
    clearReject(file, object, id)
    return true
  }
  if (operation === 'create' || object.pattern !== 'last-write-wins') return false
  giveBack(file, object, push, id)
  const edit = readEdit(file, object, id)
  const local = readRow(file, object, id)
  if (edit !== undefined && local !== undefined) {
    const fields = changedFields(object.fields, edit.base, local).map((place) => ({
      field: object.fields[place]!.name,
      base: edit.base[place] ?? null,
      local: local[place] ?? null,
      remote: null,
    }))
    keepSuperseded(file, object, { id, reason: 'the record was deleted in the org', fields })
  }
  removeRow(file, object, id)
  settle(file, object, id)
  return true
}

interface ResultLine {
  /** Id of the row in the file. */
  readonly row: string
  /** Id of the record. */
  readonly id: string
  readonly error: string
}

async function readResults(path: string): Promise<readonly ResultLine[]> {
  if (!existsSync(path)) return []
  const source = await openOwnCsv(path)
  const [id, error] = [source.header.indexOf('sf__Id'), source.header.indexOf('sf__Error')]
  await source.close()
  const lines: ResultLine[] = []
  for await (const cells of readOwnCsv(path)) {
    lines.push({ row: cells[0] ?? '', id: cells[id] ?? '', error: cells[error] ?? '' })
  }
  return lines
}
