import { quoteName } from '../sqlite/database.ts'
import type { OpenReference } from './local-ids.ts'
import type { EditOperation } from './pending.ts'
import { registerReject } from './rejects.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'

/** Says of a row that it waits for another one, and why that is not in the org. To be called within `apply`. */
export function holdBack(
  file: SyncFile,
  object: SyncObject,
  id: string,
  operation: EditOperation,
  { field, to }: OpenReference,
): void {
  const error = `LOCAL:held back: ${field} refers to ${to}, ${explain(file, to)}`
  registerReject(file, { object: object.name, id, operation, error })
}

function explain(file: SyncFile, id: string): string {
  const reject = file.sql('SELECT object, error FROM sfbulk_rejects WHERE id = ?').rows([id])[0]
  if (reject !== undefined) return `which was not created (${reject[0]}: ${shorten(String(reject[1]))})`
  const object = file
    .objects()
    .find(({ name }) => file.sql(`SELECT 1 FROM ${quoteName(name)} WHERE "Id" = ?`).rows([id]).length > 0)
  return object === undefined ? 'which no table of this file has' : `a row of ${object.name} that has not been created`
}

/** The reason in short: the row that it is about has it in full. */
function shorten(error: string): string {
  return error.length > 120 ? `${error.slice(0, 119)}…` : error
}
