import type { FoundConflict } from './conflicts.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'

interface Superseded {
  readonly id: string
  readonly reason: string
  readonly fields: FoundConflict['fields']
}

/** Keeps an edit that a rule has decided against, for whoever looks for it. */
export function keepSuperseded(file: SyncFile, object: SyncObject, { id, reason, fields }: Superseded): void {
  file
    .sql("INSERT INTO sfbulk_superseded VALUES (?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))")
    .run([object.name, id, reason, JSON.stringify(fields)])
}

export function countSuperseded(file: SyncFile, object: SyncObject): number {
  return Number(file.sql('SELECT count(*) FROM sfbulk_superseded WHERE object = ?').rows([object.name])[0]?.[0])
}
