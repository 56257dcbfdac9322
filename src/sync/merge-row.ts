import type { SqlValue } from '../sqlite/database.ts'
import { isSame } from './field-values.ts'
import type { KeptAs } from './kept-value.ts'
import type { RowValues } from './rows.ts'
import type { SyncField } from './sync-object.ts'

/** What becomes of a row that was changed here and, perhaps, in the org. */
export interface MergedRow {
  /** The row as it shall stand here. */
  readonly local: RowValues
  /** What it is compared with from now on: where `local` differs from it, there is something to send. */
  readonly base: RowValues
  /** Places of the fields that were changed on both sides, each to something else. */
  readonly conflicts: readonly number[]
}

/**
 * Compares a row before it was edited (`base`), as it is here and as it is in the org, field by field. What was changed on
 * one side only is taken; what was changed to the same on both is settled. A conflict leaves local value and base as they
 * are, so that the next comparison finds it again.
 */
export function mergeRow(
  fields: readonly SyncField[],
  rows: { readonly base: RowValues; readonly local: RowValues; readonly remote: RowValues },
  keptAs: KeptAs,
): MergedRow {
  const local: SqlValue[] = [...rows.local]
  const base: SqlValue[] = [...rows.base]
  const conflicts: number[] = []
  for (const [place, field] of fields.entries()) {
    const remote = rows.remote[place] ?? null
    const localChanged = !isSame(field, base[place], local[place])
    if (!localChanged || keptAs(place, local[place], remote) || !field.updateable) {
      local[place] = remote
      base[place] = remote
    } else if (!isSame(field, base[place], remote)) conflicts.push(place)
  }
  return { local, base, conflicts }
}

/** Places of the fields in which two rows differ. */
export function changedFields(fields: readonly SyncField[], before: RowValues, after: RowValues): readonly number[] {
  return fields.flatMap((field, place) => (isSame(field, before[place], after[place]) ? [] : [place]))
}
