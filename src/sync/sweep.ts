import { fetchQueryPages } from '../extract/rest-pages.ts'
import { quoteName } from '../sqlite/database.ts'
import { applyRemote } from './apply-remote.ts'
import type { PullCounts } from './apply-staged.ts'
import { readKeptAs } from './kept-value.ts'
import { retrieveRows } from './retrieve.ts'
import { type StagedRows, withStagedRows } from './stage-rows.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'
import { editsTable } from './triggers.ts'

/**
 * Finds what the time of a change does not tell: records that were deleted for good, that entered or left the condition of the
 * copy without being changed themselves, or that somebody took out of the table behind the triggers' back. Once a day the
 * records of a copy without condition are counted on both sides, which is one call; only where the numbers differ all Ids
 * are read. Under a condition as many may have entered as have left, so that the Ids are read at once.
 *
 * @param now reads the Ids whether it is time or not
 */
export async function sweep(
  tools: SyncTools,
  object: SyncObject,
  now: boolean,
): Promise<PullCounts & { readonly received: number }> {
  const nothing = { written: 0, removed: 0, received: 0 }
  if (!now && !isDue(tools, object)) return nothing
  tools.report({ type: 'step', object: object.name, step: 'sweep' })
  const mayBeAlike = !now && object.where === undefined
  if (mayBeAlike && (await countRemote(tools, object)) === countKnown(tools, object)) {
    noteSweep(tools, object)
    return nothing
  }
  const { file } = tools
  const soql = `SELECT Id FROM ${object.name}${object.where === undefined ? '' : ` WHERE ${object.where}`}`
  return await withStagedRows(tools, object, { soql, all: false }, async (staged) => {
    const missing = listMissing(tools, object, staged)
    const restored = await retrieveRows(tools, object, missing)
    const keptAs = await readKeptAs(tools, object)
    const counts = file.apply(() => {
      const before = countKnown(tools, object)
      file
        .sql(
          `DELETE FROM ${quoteName(object.name)} WHERE "Id" NOT IN (SELECT "Id" FROM ${staged.table}) ` +
            `AND "Id" NOT LIKE 'local:%' AND "Id" NOT IN (SELECT _id FROM ${quoteName(editsTable(object))})`,
        )
        .run([])
      const removed = before - countKnown(tools, object)
      for (const row of restored) if (row.values !== undefined) applyRemote(file, object, row, keptAs)
      noteSweep(tools, object)
      return { removed, written: restored.filter(({ values }) => values !== undefined).length }
    })
    return { ...counts, received: staged.rows }
  })
}

const interval = 24 * 3_600_000

function isDue({ file }: SyncTools, object: SyncObject): boolean {
  const at = file.sql('SELECT swept_at FROM sfbulk_objects WHERE name = ?').rows([object.name])[0]?.[0]
  return at === null || at === undefined || Math.abs(Date.now() - Date.parse(String(at))) >= interval
}

function noteSweep({ file }: SyncTools, object: SyncObject): void {
  file
    .sql("UPDATE sfbulk_objects SET swept_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE name = ?")
    .run([object.name])
}

/** `SELECT COUNT()` has its answer beside the rows, of which there are none. */
async function countRemote({ org, signal }: SyncTools, object: SyncObject): Promise<number> {
  const soql = `SELECT COUNT() FROM ${object.name}`
  for await (const { totalSize } of fetchQueryPages(org, { soql, all: false }, signal)) return Number(totalSize)
  return 0
}

/** Records of the org that the file knows: rows that are not new, and those whose deletion has not been sent. */
function countKnown({ file }: SyncTools, object: SyncObject): number {
  const [own, edits] = [quoteName(object.name), quoteName(editsTable(object))]
  const sql =
    `SELECT (SELECT count(*) FROM ${own} WHERE "Id" NOT LIKE 'local:%') + ` +
    `(SELECT count(*) FROM ${edits} WHERE _existed AND _sent = '' AND _id NOT IN (SELECT "Id" FROM ${own}))`
  return Number(file.sql(sql).rows([])[0]?.[0])
}

function listMissing({ file }: SyncTools, object: SyncObject, { table }: StagedRows): readonly string[] {
  const sql =
    `SELECT "Id" FROM ${table} WHERE "Id" NOT IN (SELECT "Id" FROM ${quoteName(object.name)}) ` +
    `AND "Id" NOT IN (SELECT _id FROM ${quoteName(editsTable(object))})`
  return file
    .sql(sql)
    .rows([])
    .map(([id]) => String(id))
}
