import { applyRemote } from './apply-remote.ts'
import { readKeptAs } from './kept-value.ts'
import { retrieveRows } from './retrieve.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/**
 * Reads records as they are now and merges their edits with that: what was changed in the org meanwhile comes into the
 * file, what disagrees is registered as a conflict, what is the same on both sides already is done. A call for 2,000.
 *
 * Returns when the records were changed last, by Id.
 */
export async function lookAt(
  tools: SyncTools,
  object: SyncObject,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { file } = tools
  const stamps = new Map<string, string>()
  if (ids.length === 0) return stamps
  const keptAs = await readKeptAs(tools, object)
  for (let from = 0; from < ids.length; from += rowsAtOnce) {
    tools.report({ type: 'step', object: object.name, step: 'look' })
    const rows = await retrieveRows(tools, object, ids.slice(from, from + rowsAtOnce))
    file.apply(() => {
      for (const row of rows) applyRemote(file, object, row, keptAs)
    })
    for (const { id, stamp } of rows) if (stamp !== undefined) stamps.set(id, stamp)
  }
  return stamps
}

const rowsAtOnce = 2_000
