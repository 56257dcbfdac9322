import { quoteName } from '../sqlite/database.ts'
import { countConflicts } from './conflicts.ts'
import { countPending, type PendingCounts } from './pending.ts'
import { listRejects, type Reject } from './rejects.ts'
import { countSuperseded } from './superseded.ts'
import { readSetting, type SyncFile } from './sync-file.ts'
import type { Pattern, SyncObject } from './sync-object.ts'

/** How one object stands. */
export interface ObjectStatus {
  readonly object: string
  readonly pattern: Pattern
  readonly rows: number
  readonly pending: PendingCounts
  /** Rows in conflict, rows that could not be written, and edits that a rule has decided against so far. */
  readonly conflicts: number
  readonly rejects: number
  readonly superseded: number
  /** ISO 8601; null for never. */
  readonly pulledAt: string | null
  readonly pushedAt: string | null
}

export interface SyncStatus {
  /** Host of the org that the file is a copy of. */
  readonly host: string | undefined
  readonly objects: readonly ObjectStatus[]
  readonly rejects: readonly Reject[]
}

/** How a file stands, without asking the org anything. */
export function readStatus(file: SyncFile): SyncStatus {
  const rejects = listRejects(file)
  const objects = file.objects().map((object) => describe(file, object, rejects))
  return { host: readSetting(file, 'host'), objects, rejects }
}

/** Whether somebody has to look: conflicts or rejects wait. */
export function hasLeftOver({ objects }: SyncStatus): boolean {
  return objects.some(({ conflicts, rejects }) => conflicts + rejects > 0)
}

function describe(file: SyncFile, object: SyncObject, rejects: readonly Reject[]): ObjectStatus {
  const [pulledAt = null, pushedAt = null] =
    file.sql('SELECT pulled_at, pushed_at FROM sfbulk_objects WHERE name = ?').rows([object.name])[0] ?? []
  const rows = file.sql(`SELECT count(*) FROM ${quoteName(object.name)}`).rows([])
  return {
    object: object.name,
    pattern: object.pattern,
    rows: Number(rows[0]?.[0]),
    pending: countPending(file, object),
    conflicts: countConflicts(file, object),
    rejects: rejects.filter((reject) => reject.object === object.name).length,
    superseded: countSuperseded(file, object),
    pulledAt: pulledAt === null ? null : String(pulledAt),
    pushedAt: pushedAt === null ? null : String(pushedAt),
  }
}
