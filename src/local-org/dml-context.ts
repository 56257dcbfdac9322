import type { PreparedStatement, Storage } from '../sqlite/database.ts'
import type { Schema } from './schema.ts'

/** What a write needs to know of the org. */
export interface WriteContext {
  readonly storage: Storage
  readonly schema: Schema
  /** Time of the write, as it is stored. */
  readonly now: string
  /** Who writes. */
  readonly userId: string
  readonly prepare: (sql: string) => PreparedStatement
}
