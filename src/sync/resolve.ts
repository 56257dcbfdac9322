import { quoteName, type SqlValue } from '../sqlite/database.ts'
import { settle } from './apply-remote.ts'
import { type Conflict, clearConflict, listConflicts } from './conflicts.ts'
import { changedFields } from './merge-row.ts'
import { type RowValues, readEdit, readRow, rebaseEdit, removeRow, writeRow } from './rows.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import { newLocalId } from './tables.ts'
import { editsTable } from './triggers.ts'

/** Which side of a conflict stands: this file's, the org's, or the one that was changed later. */
export const sides = ['ours', 'theirs', 'newest'] as const
export type Side = (typeof sides)[number]

/** Says which side stands in a conflict; undefined leaves it for later. */
export type Decide = (conflict: Conflict) => Side | undefined

/**
 * Decides conflicts. What stays ours is sent by the next push, what is theirs comes into the table at once; the org is not
 * asked. A record that one side has deleted is decided as a whole: all its fields must be given to the same side.
 *
 * Returns how many fields were decided.
 */
export function resolveConflicts(file: SyncFile, decide: Decide): number {
  const objects = new Map(file.objects().map((object) => [object.name, object]))
  let decided = 0
  for (const conflicts of groupByRow(listConflicts(file))) {
    const object = objects.get(conflicts[0]!.object)
    if (object === undefined) continue
    const choices = conflicts.flatMap((conflict) => {
      const side = decide(conflict)
      return side === undefined ? [] : [{ conflict, ours: isOurs(conflict, side) }]
    })
    decided += file.apply(() => decideRow(file, object, conflicts, choices))
  }
  return decided
}

function groupByRow(conflicts: readonly Conflict[]): Iterable<readonly Conflict[]> {
  const rows = new Map<string, Conflict[]>()
  for (const conflict of conflicts) {
    const row = `${conflict.object} ${conflict.id}`
    rows.set(row, [...(rows.get(row) ?? []), conflict])
  }
  return rows.values()
}

interface Choice {
  readonly conflict: Conflict
  readonly ours: boolean
}

/** The two clocks may differ; where they tell the same time the org's value stands. */
function isOurs({ localAt, remoteAt }: Conflict, side: Side): boolean {
  if (side !== 'newest') return side === 'ours'
  return localAt !== null && (remoteAt === null || Date.parse(localAt) > Date.parse(remoteAt))
}

function decideRow(
  file: SyncFile,
  object: SyncObject,
  conflicts: readonly Conflict[],
  choices: readonly Choice[],
): number {
  const { id, kind } = conflicts[0]!
  const edit = readEdit(file, object, id)
  if (edit === undefined || choices.length === 0) return 0
  // It may be gone since the conflict was found; then the row is decided as a whole.
  const local = readRow(file, object, id)
  if (kind === 'changed-changed' && local !== undefined) {
    decideFields(file, object, id, { base: edit.base, local }, choices)
    return choices.length
  }
  const ours = choices.every((choice) => choice.ours)
  if (choices.length < conflicts.length || (!ours && choices.some((choice) => choice.ours))) return 0
  if (kind === 'changed-deleted') {
    if (ours) createAnew(file, object, id)
    else {
      removeRow(file, object, id)
      settle(file, object, id)
    }
  } else {
    const remote = withRemote(object, edit.base, conflicts)
    if (ours) rebaseEdit(file, object, id, remote)
    else {
      writeRow(file, object, id, remote)
      settle(file, object, id)
    }
  }
  clearConflict(file, object, id)
  return choices.length
}

/** Either way the org's value is what the row is compared with from now on. */
function decideFields(
  file: SyncFile,
  object: SyncObject,
  id: string,
  before: { readonly base: RowValues; readonly local: RowValues },
  choices: readonly Choice[],
): void {
  const base = withRemote(
    object,
    before.base,
    choices.map(({ conflict }) => conflict),
  )
  const theirs = choices.filter(({ ours }) => !ours).map(({ conflict }) => conflict)
  const local = withRemote(object, before.local, theirs)
  rebaseEdit(file, object, id, base)
  writeRow(file, object, id, local)
  for (const { conflict } of choices) {
    file
      .sql('DELETE FROM sfbulk_conflicts WHERE object = ? AND id = ? AND field = ?')
      .run([object.name, id, conflict.field])
  }
  if (changedFields(object.fields, base, local).length === 0) settle(file, object, id)
}

function withRemote(object: SyncObject, values: RowValues, conflicts: readonly Conflict[]): RowValues {
  const remote = new Map<string, SqlValue>(conflicts.map((conflict) => [conflict.field, conflict.remote]))
  return object.fields.map(({ name }, place) => (remote.has(name) ? remote.get(name)! : (values[place] ?? null)))
}

/** The record is gone and its Id with it: the row becomes a new one, which the next push gives an Id of its own. */
function createAnew(file: SyncFile, object: SyncObject, id: string): void {
  const local = String(file.sql(`SELECT ${newLocalId}`).rows([])[0]?.[0])
  file.sql(`UPDATE ${quoteName(object.name)} SET "Id" = ? WHERE "Id" = ?`).run([local, id])
  file
    .sql(`UPDATE ${quoteName(editsTable(object))} SET _existed = 0, _id = ? WHERE _id = ? AND _sent = ''`)
    .run([local, id])
}
