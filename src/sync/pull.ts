import { UsageError } from '../errors.ts'
import { applyStaged, type PullCounts } from './apply-staged.ts'
import { checkSchema } from './check-schema.ts'
import { fetchFiles } from './fetch-files.ts'
import { readKeptAs } from './kept-value.ts'
import { withStagedRows } from './stage-rows.ts'
import { sweep } from './sweep.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'
import { wantFiles } from './want-files.ts'

/** What a pull did to a table. */
export interface PullResult extends PullCounts {
  /** Contents of files that were fetched. */
  readonly files: number
  /** Rows that the org sent. */
  readonly received: number
  /** Whether all rows were read, and not those alone that had changed. */
  readonly whole: boolean
}

export interface PullOptions {
  /** Reads all rows, whatever the mark says. */
  readonly full?: boolean | undefined
  /** Looks for records that are gone although it is not time for that yet. */
  readonly sweep?: boolean | undefined
}

/**
 * Brings a table to what the org has: all rows, or those that changed since the mark. Rows and mark are committed together,
 * so that a pull that breaks off leaves the table as it was.
 *
 * Throws what `extract` throws, and `UsageError` with code `SCHEMA_CHANGED` when the object has not the fields any more.
 */
export async function pullObject(tools: SyncTools, object: SyncObject, options: PullOptions = {}): Promise<PullResult> {
  const { file, signal } = tools
  const mark = object.pattern === 'read-only' || options.full === true ? undefined : readMark(tools, object)
  await checkSchema(tools, object)
  const keptAs = await readKeptAs(tools, object)
  const began = performance.now()
  tools.report({ type: 'step', object: object.name, step: 'pull' })
  const question = { soql: pullQuery(object, mark), all: mark !== undefined && object.hasIsDeleted }
  const { counts, received } = await withStagedRows(tools, object, question, (staged) => {
    const elapsed = performance.now() - began
    signal.throwIfAborted()
    const counts = file.apply(() => {
      const applied = applyStaged(file, object, staged, { whole: mark === undefined, keptAs })
      wantFiles(file, object, staged)
      if (staged.newest !== undefined)
        setMark(tools, object, moveBack(untilNow(tools, staged.newest), elapsed + overlap))
      const swept = mark === undefined ? ", swept_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')" : ''
      const pulled = `pulled_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')${swept}`
      file.sql(`UPDATE sfbulk_objects SET ${pulled} WHERE name = ?`).run([object.name])
      return applied
    })
    return { counts, received: staged.rows }
  }).catch((error: unknown) => explainByFreshSchema(tools, object, error))
  const whole = mark === undefined
  const swept = whole ? { written: 0, removed: 0, received: 0 } : await sweep(tools, object, options.sweep === true)
  return {
    written: counts.written + swept.written,
    removed: counts.removed + swept.removed,
    received: received + swept.received,
    files: await fetchFiles(tools, object),
    whole,
  }
}

/**
 * Milliseconds by which a pull reaches behind the last one. A record carries the time at which it was saved, but is seen only
 * when its transaction ends, which may take up to ten minutes. What comes twice changes nothing.
 */
const overlap = 10 * 60_000

/**
 * Time by the org's clock alone: the latest change that was seen, less the time that seeing took (a record may change while
 * others are still being read) and the overlap. The two clocks are never compared.
 */
function moveBack(newest: number, milliseconds: number): string {
  return `${new Date(newest - Math.ceil(milliseconds)).toISOString().slice(0, 19)}Z`
}

/** One record with a time that is still to come would hide the changes of all others until then. */
function untilNow({ org }: SyncTools, newest: string): number {
  return Math.min(Date.parse(newest), org.usage.orgClock ?? Number.POSITIVE_INFINITY)
}

function readMark({ file }: SyncTools, object: SyncObject): string | undefined {
  const mark = file.sql('SELECT mark FROM sfbulk_objects WHERE name = ?').rows([object.name])[0]?.[0]
  return mark === null || mark === undefined ? undefined : String(mark)
}

/** A mark never goes back: an answer without new rows would otherwise make the next one longer. */
function setMark({ file }: SyncTools, object: SyncObject, mark: string): void {
  file.sql("UPDATE sfbulk_objects SET mark = max(coalesce(mark, ''), ?) WHERE name = ?").run([mark, object.name])
}

function pullQuery(object: SyncObject, mark: string | undefined): string {
  const { name, fields, stampField, hasIsDeleted, where } = object
  const extra = [stampField, hasIsDeleted ? 'IsDeleted' : undefined].filter((field) => field !== undefined)
  const selected = new Set(['Id', ...fields.map((field) => field.name), ...extra])
  const conditions = [
    ...(mark === undefined ? [] : [`${stampField} >= ${mark}`]),
    ...(where === undefined ? [] : [`(${where})`]),
  ]
  const condition = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return `SELECT ${[...selected].join(', ')} FROM ${name}${condition}`
}

/** A query that the service refuses may have become wrong since the object was described last. */
async function explainByFreshSchema(tools: SyncTools, object: SyncObject, error: unknown): Promise<never> {
  if (error instanceof UsageError) {
    await tools.org.forgetDescription(object.name)
    await checkSchema(tools, object)
  }
  throw error
}
