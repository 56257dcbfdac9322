import { join } from 'node:path'
import { extract } from '../extract/extract.ts'
import { fetchUserId } from '../org/fetch-user-id.ts'
import { accept } from './apply-outcomes.ts'
import { readCell } from './field-values.ts'
import { readKeptAs } from './kept-value.ts'
import { replaceReferences } from './local-ids.ts'
import { lookAt } from './look.ts'
import { readOwnCsv } from './own-csv.ts'
import type { EditOperation } from './pending.ts'
import { listJobs } from './push-journal.ts'
import { readRow } from './rows.ts'
import { operationName } from './send-batch.ts'
import { settleJobs } from './settle-jobs.ts'
import type { SyncField, SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'
import { giveBack, listTaken, readSentRow } from './take-edits.ts'
import { type SentRow, WaitingRows } from './waiting-rows.ts'

/** A push of which the file does not know the end: the sync that made it was broken off. */
interface OpenPush {
  readonly push: string
  readonly object: SyncObject
  readonly operation: EditOperation
  readonly beganAt: string
  readonly jobs: readonly string[]
}

/**
 * Finds out what became of pushes that were broken off, so that nothing is sent twice. Jobs that are known are waited for.
 * Updates and deletes then wait again: the look at the records, which goes before every write, finds those that arrived. New
 * records are looked for in the org, by all that was sent of them.
 */
export async function settlePushes(tools: SyncTools): Promise<void> {
  const { file } = tools
  for (const open of listOpen(tools)) {
    const { object, operation, jobs } = open
    const isSure = operation !== 'create' || object.externalId !== undefined
    if (jobs.length > 0 || !isSure)
      await settleJobs(tools, { object: object.name, operation: operationName(open), jobs })
    const taken = listTaken(file, open.object, open.push)
    const found = isSure ? new Map<string, string>() : await findCreated(tools, open, taken)
    file.apply(() => {
      for (const id of taken) {
        const record = found.get(id)
        if (record === undefined) giveBack(file, open.object, open.push, id)
        else accept(file, open.push, open.object, 'create', id, record)
      }
      replaceReferences(file)
      file.sql('DELETE FROM sfbulk_pushes WHERE push = ?').run([open.push])
    })
    // By the other pattern every write is preceded by a look.
    if (operation !== 'create' && object.pattern === 'last-write-wins') await lookAt(tools, object, taken)
  }
}

function listOpen({ file }: SyncTools): readonly OpenPush[] {
  const objects = new Map(file.objects().map((object) => [object.name, object]))
  return file
    .sql('SELECT push, object, operation, began_at FROM sfbulk_pushes ORDER BY push')
    .rows([])
    .flatMap(([id, name, operation, beganAt]) => {
      const object = objects.get(String(name))
      const push = String(id)
      if (object === undefined) return []
      const jobs = listJobs(file, push)
      return [{ push, object, operation: operation as EditOperation, beganAt: String(beganAt), jobs }]
    })
}

/** Looks until all rows are found; a call that was on its way when the sync was broken off may still be carried out. */
async function findCreated(
  tools: SyncTools,
  open: OpenPush,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  for (let attempt = 1; ; attempt++) {
    const found = await lookForCreated(tools, open, ids)
    const isRecent = Math.abs(tools.clock.now() - Date.parse(open.beganAt)) < lateArrival
    if (found.size === ids.length || !isRecent || attempt === mostLooks) return found
    await tools.clock.sleep(pauseBetweenLooks, tools.signal)
    tools.signal.throwIfAborted()
  }
}

const lateArrival = 5 * 60_000
const mostLooks = 3
const pauseBetweenLooks = 1_000

/**
 * Records that this user made since the push began, that the file does not have, and that hold all that was sent. Rows
 * that are alike are each other's equals: any of their records will do.
 */
async function lookForCreated(
  tools: SyncTools,
  { object, beganAt }: OpenPush,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { file, folder, org, signal } = tools
  const user = await fetchUserId(org, signal)
  const fields = object.fields.filter(({ createable }) => createable)
  const conditions = [`CreatedDate >= ${earliest(tools, object, beganAt)}`]
  if (user !== undefined) conditions.push(`CreatedById = '${user}'`)
  const selected = ['Id', ...fields.map(({ name }) => name)].join(', ')
  const soql = `SELECT ${selected} FROM ${object.name} WHERE ${conditions.join(' AND ')}`
  const output = join(folder, `${object.name}.created.csv`)
  await extract({ soql, all: false, names: new Map(), output }, tools)
  const keptAs = await readKeptAs(tools, { ...object, fields })
  const waiting = new WaitingRows(
    fields,
    ids.map((id) => sentValues(tools, object, fields, id)),
    keptAs,
  )
  const found = new Map<string, string>()
  for await (const [record, ...cells] of readOwnCsv(output)) {
    if (record === undefined || readRow(file, object, record) !== undefined) continue
    const id = waiting.take(fields.map((field, index) => readCell(field, cells[index] ?? '')))
    if (id !== undefined) found.set(id, record)
  }
  return found
}

function sentValues({ file }: SyncTools, object: SyncObject, fields: readonly SyncField[], id: string): SentRow {
  const row = readSentRow(file, object, id) ?? []
  return { id, values: fields.map((field) => row[object.fields.indexOf(field)] ?? null) }
}

/**
 * The mark is a time of the org's clock before the push; without one it is this machine's, as far as the two differ now, less
 * a day.
 */
function earliest({ file, org, clock }: SyncTools, object: SyncObject, beganAt: string): string {
  const mark = file.sql('SELECT mark FROM sfbulk_objects WHERE name = ?').rows([object.name])[0]?.[0]
  if (mark !== null && mark !== undefined) return String(mark)
  const ahead = clock.now() - (org.usage.orgClock ?? clock.now())
  return `${new Date(Date.parse(beganAt) - ahead - 24 * 3_600_000).toISOString().slice(0, 19)}Z`
}
