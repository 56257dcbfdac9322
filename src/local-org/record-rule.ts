import type { SqlValue } from '../sqlite/database.ts'

/** A record about to be written, seen by its fields. */
export interface RecordDraft {
  /** Text, number, 0 or 1, or null; a body as base64. */
  get(field: string): SqlValue
  set(field: string, value: SqlValue): void
  /** Whether the row itself sets the field. */
  isGiven(field: string): boolean
  readonly isNew: boolean
  /** Time of the write, as it is stored. */
  readonly now: string
}

/** What an object does beside storing what it is given. */
export interface RecordRule {
  readonly object: string
  /** Every field that `apply` reads or sets. */
  readonly fields: readonly string[]
  /** Throws a `RowFault` for a record that may not be. */
  apply(draft: RecordDraft): void
}
