import { join } from 'node:path'
import { ApiError } from '../errors.ts'
import { mayHaveArrived } from '../org/retry.ts'
import { formatRowError } from '../values/row-error.ts'
import { accept } from './apply-outcomes.ts'
import { listSendable } from './pending.ts'
import { registerReject } from './rejects.ts'
import { type ConditionalAnswer, type ConditionalChange, sendConditional } from './send-conditional.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'
import { giveBack, listTaken, readChanges, takeEdits } from './take-edits.ts'

/** Rows by what became of changes that were sent under a condition. */
export interface ConditionalCounts {
  readonly accepted: number
  /** Ids of rows that the service refused. */
  readonly rejected: readonly string[]
  /** Ids of records that somebody has changed since they were looked at, or deleted. */
  readonly changed: readonly string[]
  /** Whether the answer was lost, so that those may have been changed by this call. */
  readonly isLost: boolean
}

/**
 * Sends changes of records, which the org makes only where nobody has changed the record since it was looked at. What is
 * neither accepted, rejected nor changed there waits as before, to go the way of other changes: a record is locked, or the org
 * does not know the call.
 *
 * After an answer that is lost all of them count as changed there, and the next look finds those alike that had arrived. The
 * call is not simply repeated: a condition tells no times within a second apart.
 *
 * @param stamps when each record was changed last, by the org's clock
 */
export async function updateIfUnchanged(
  tools: SyncTools,
  object: SyncObject,
  stamps: ReadonlyMap<string, string>,
): Promise<ConditionalCounts> {
  const { file } = tools
  const push = tools.namePush()
  tools.report({ type: 'step', object: object.name, step: 'push' })
  const changes = file.apply((): readonly ConditionalChange[] => {
    // In one transaction, so that what is sent is what was taken.
    const waiting = new Set(listSendable(file, object, 'update'))
    const ids = [...stamps.keys()].filter((id) => waiting.has(id))
    const read = ids.map((id) => ({ id, stamp: stamps.get(id)!, fields: readChanges(file, object, id) }))
    takeEdits(file, push, { object, operation: 'update', ids }, join(tools.folder, `${push}.csv`))
    const taken = new Set(listTaken(file, object, push))
    return read.filter(({ id }) => taken.has(id))
  })
  const ids = changes.map(({ id }) => id)
  let isLost = false
  const answers = await sendConditional(tools, object, changes).catch((error: unknown) => {
    isLost = mayHaveArrived(error)
    if (isLost) return ids.map(() => conditionFailed)
    if (!(error instanceof ApiError) || !surelyNotMade.has(error.status)) throw error
    return ids.map((): ConditionalAnswer => ({ status: error.status, error: undefined }))
  })
  return file.apply(() => {
    const outcomes = ids.map((id, index) => ({ id, outcome: settleAnswer(tools, object, push, id, answers[index]!) }))
    file.sql('DELETE FROM sfbulk_pushes WHERE push = ?').run([push])
    const listed = (wanted: Outcome) => outcomes.filter(({ outcome }) => outcome === wanted).map(({ id }) => id)
    return { accepted: listed('accepted').length, rejected: listed('rejected'), changed: listed('changed'), isLost }
  })
}

const conditionFailed: ConditionalAnswer = { status: 412, error: undefined }

/** The call was refused as a whole, or is not known. */
const surelyNotMade: ReadonlySet<number> = new Set([400, 404, 405])

type Outcome = 'accepted' | 'rejected' | 'changed' | 'left'

function settleAnswer(
  { file }: SyncTools,
  object: SyncObject,
  push: string,
  id: string,
  { status, error }: ConditionalAnswer,
): Outcome {
  if (status < 300) {
    accept(file, push, object, 'update', id, id)
    return 'accepted'
  }
  giveBack(file, object, push, id)
  if (status === 412 || (status === 404 && error !== undefined)) return 'changed'
  if (status !== 400 || error === undefined || error.code === 'UNABLE_TO_LOCK_ROW') return 'left'
  const text = formatRowError({ statusCode: error.code, message: error.message, fields: error.fields })
  registerReject(file, { object: object.name, id, operation: 'update', error: text })
  return 'rejected'
}
