import type { ExpectedError } from '../errors.ts'
import { checkSchema } from './check-schema.ts'
import { countConflicts } from './conflicts.ts'
import { holdBack } from './hold-back.ts'
import { findOpenReferences } from './local-ids.ts'
import { lookAt } from './look.ts'
import { parentsFirst } from './order-objects.ts'
import { type EditOperation, editOperations, forgetEmptyEdits, listPending, listSendable } from './pending.ts'
import { pushCreates } from './push-creates.ts'
import { readRow } from './rows.ts'
import { sendBatch } from './send-batch.ts'
import { mostConditional } from './send-conditional.ts'
import { isWritable, type SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'
import { updateIfUnchanged } from './update-if-unchanged.ts'

/** Rows that a push has brought into the org. */
export interface PushCounts {
  create: number
  update: number
  delete: number
  rejected: number
  /** It is not known whether they were written: the next sync finds out. */
  unknown: number
}

export interface PushResult {
  /** By the object's name. */
  readonly counts: ReadonlyMap<string, PushCounts>
  /** What ended the push before its time. */
  readonly error: ExpectedError | undefined
}

export interface PushOptions {
  /** Sends nothing while there is a conflict anywhere. */
  readonly strict?: boolean | undefined
  /** Rows of a batch. Default 100,000. */
  readonly batchRows?: number | undefined
}

/**
 * Sends what was edited: new rows, parents before their children; then changes; then deletions, children before their
 * parents. Records that are changed or deleted are looked at immediately before.
 */
export async function pushObjects(
  tools: SyncTools,
  objects: readonly SyncObject[],
  options: PushOptions = {},
): Promise<PushResult> {
  const { file } = tools
  const ordered = parentsFirst(objects.filter(isWritable))
  const counts = new Map(
    ordered.map(({ name }) => [name, { create: 0, update: 0, delete: 0, rejected: 0, unknown: 0 }]),
  )
  file.apply(() => {
    for (const object of ordered) forgetEmptyEdits(file, object)
  })
  for (const object of ordered) if (hasPending(tools, object)) await checkSchema(tools, object)
  if (options.strict === true) {
    for (const object of ordered.filter(({ pattern }) => pattern === 'conflicts')) {
      await lookAt(tools, object, [...listPending(file, object, 'update'), ...listPending(file, object, 'delete')])
    }
    if (countConflicts(file) > 0) return { counts, error: undefined }
  }
  const send = createSender(tools, counts, options.batchRows ?? 100_000)
  const error =
    (await pushCreates(tools, ordered, send)) ??
    (await pushExisting(tools, ordered, 'update', send, counts)) ??
    (await pushExisting(tools, [...ordered].reverse(), 'delete', send, counts))
  return { counts, error }
}

/** Sends rows of an object, and gives the error that ended it before its time. */
export type SendRows = (
  object: SyncObject,
  operation: EditOperation,
  ids: readonly string[],
  without?: ReadonlyMap<string, readonly number[]>,
) => Promise<ExpectedError | undefined>

function createSender(tools: SyncTools, counts: PushResult['counts'], batchRows: number): SendRows {
  return async (object, operation, ids, without) => {
    for (let from = 0; from < ids.length; from += batchRows) {
      tools.signal.throwIfAborted()
      const batch = { object, operation, ids: ids.slice(from, from + batchRows), without }
      const result = await sendBatch(tools, tools.namePush(), batch)
      const count = counts.get(object.name)!
      count[operation] += result.accepted
      count.rejected += result.rejected
      count.unknown += result.unknown
      if (result.error !== undefined && result.left + result.unknown > 0) return result.error
    }
    return undefined
  }
}

async function pushExisting(
  tools: SyncTools,
  objects: readonly SyncObject[],
  operation: 'update' | 'delete',
  send: SendRows,
  counts: PushResult['counts'],
): Promise<ExpectedError | undefined> {
  const { file } = tools
  for (const object of objects) {
    const stamps =
      object.pattern === 'conflicts' ? await lookAt(tools, object, listPending(file, object, operation)) : none
    const isUpdate = operation === 'update'
    const listReady = () => {
      const ids = listSendable(file, object, operation)
      return isUpdate ? ids.filter((id) => !isHeld(tools, object, id)) : ids
    }
    const refused = isUpdate ? await updateSingly(tools, counts, object, stamps, listReady) : []
    const ready = listReady().filter((id) => !refused.includes(id))
    const error = ready.length === 0 ? undefined : await send(object, operation, ready)
    if (error !== undefined) return error
  }
  return undefined
}

const none: ReadonlyMap<string, string> = new Map()

/**
 * Sends a few changes under the condition that nobody changes their records meanwhile. Those that somebody has changed are looked
 * at again and tried once more; what waits after that goes the way of many. Returns the Ids of rows that were rejected.
 */
async function updateSingly(
  tools: SyncTools,
  counts: PushResult['counts'],
  object: SyncObject,
  seen: ReadonlyMap<string, string>,
  listReady: () => readonly string[],
): Promise<readonly string[]> {
  const refused: string[] = []
  const count = counts.get(object.name)!
  let stamps = seen
  let ready = tools.writesSingly ? listReady() : []
  for (let attempt = 1; attempt <= conditionalAttempts && ready.length > 0; attempt++) {
    const known = new Map(ready.flatMap((id) => (stamps.has(id) ? [[id, stamps.get(id)!] as const] : [])))
    if (known.size !== ready.length || known.size > mostConditional) break
    tools.signal.throwIfAborted()
    const { accepted, rejected, changed, isLost } = await updateIfUnchanged(tools, object, known)
    count.update += accepted
    count.rejected += rejected.length
    refused.push(...rejected)
    if (changed.length === 0) break
    stamps = await lookAt(tools, object, changed)
    if (isLost) count.update += countSettled(tools, object, changed)
    ready = listReady().filter((id) => changed.includes(id))
  }
  return refused
}

const conditionalAttempts = 2

/** Changes that wait no longer: they had arrived. */
function countSettled({ file }: SyncTools, object: SyncObject, ids: readonly string[]): number {
  const pending = new Set(listPending(file, object, 'update'))
  return ids.filter((id) => !pending.has(id)).length
}

/** A change that refers to a new row waits until that row is there. */
function isHeld({ file }: SyncTools, object: SyncObject, id: string): boolean {
  const [open] = findOpenReferences(object, readRow(file, object, id) ?? [])
  if (open === undefined) return false
  file.apply(() => holdBack(file, object, id, 'update', open))
  return true
}

function hasPending({ file }: SyncTools, object: SyncObject): boolean {
  return editOperations.some((operation) => listPending(file, object, operation).length > 0)
}
