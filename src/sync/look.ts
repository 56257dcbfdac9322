import { applyRemote } from './apply-remote.ts'
import { retrieveRows } from './retrieve.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/**
 * Reads records as they are now and merges their edits with that: what was changed in the org meanwhile comes into the
 * file, what disagrees is registered as a conflict, what is the same on both sides already is done. A call for 2,000.
 */
export async function lookAt(tools: SyncTools, object: SyncObject, ids: readonly string[]): Promise<void> {
  const { file } = tools
  for (let from = 0; from < ids.length; from += rowsAtOnce) {
    tools.report({ type: 'step', object: object.name, step: 'look' })
    const rows = await retrieveRows(tools, object, ids.slice(from, from + rowsAtOnce))
    file.apply(() => {
      for (const row of rows) applyRemote(file, object, row)
    })
  }
}

const rowsAtOnce = 2_000
