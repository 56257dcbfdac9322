import { join } from 'node:path'
import { ApiError } from '../errors.ts'
import { accept } from './apply-outcomes.ts'
import { registerReject } from './rejects.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'
import { giveBack, readChanges, takeEdits } from './take-edits.ts'

/** What became of a change that was sent under a condition. */
export type ConditionalOutcome = 'accepted' | 'rejected' | 'changed' | 'not supported'

/**
 * Sends the change of one record, which the org makes only where nobody has changed the record since it was looked at; then it
 * answers with 412. The condition counts in whole seconds. Source: REST guide, "Conditional Request Headers".
 *
 * An answer that is lost is asked for again: where the change had arrived it is the condition that fails, and the next look
 * finds both sides alike.
 *
 * @param stamp when the record was changed last, by the org's clock
 */
export async function updateIfUnchanged(
  tools: SyncTools,
  object: SyncObject,
  id: string,
  stamp: string,
): Promise<ConditionalOutcome> {
  const { file, org, signal } = tools
  const push = tools.namePush()
  const changes = readChanges(file, object, id)
  tools.report({ type: 'step', object: object.name, step: 'push' })
  takeEdits(file, push, { object, operation: 'update', ids: [id] }, join(tools.folder, `${push}.csv`))
  try {
    await org.send({
      method: 'PATCH',
      path: `sobjects/${object.name}/${id}`,
      headers: { 'content-type': 'application/json', 'if-unmodified-since': new Date(stamp).toUTCString() },
      body: JSON.stringify(changes),
      repeatable: true,
      signal,
    })
    end(tools, push, () => accept(file, push, object, 'update', id, id))
    return 'accepted'
  } catch (error) {
    if (!(error instanceof ApiError) || !surelyNotMade.has(error.status)) throw error
    end(tools, push, () => {
      giveBack(file, object, push, id)
      if (error.status !== 400) return
      const text = `${error.errorCode}:${error.message}:--`
      registerReject(file, { object: object.name, id, operation: 'update', error: text })
    })
    if (error.status === 400) return 'rejected'
    return error.status === 405 ? 'not supported' : 'changed'
  }
}

/** Refused, gone, no such call, condition not met. */
const surelyNotMade: ReadonlySet<number> = new Set([400, 404, 405, 412])

function end({ file }: SyncTools, push: string, work: () => void): void {
  file.apply(() => {
    work()
    file.sql('DELETE FROM sfbulk_pushes WHERE push = ?').run([push])
  })
}
