import pLimit from 'p-limit'
import { Account } from '../load/account.ts'
import type { Report } from '../load/events.ts'
import { finishFiles, spareFiles } from '../load/finish-files.ts'
import { inOrder } from '../load/in-order.ts'
import { LentMemory } from '../load/lent-memory.ts'
import { type LoadAccount, settle, sourceChanged } from '../load/run-load.ts'
import { StopReason } from '../load/stop-reason.ts'
import { ResultWriter } from '../load/write-results.ts'
import type { Org } from '../org/org.ts'
import { type CallLimits, callLimits, cutCalls, type FilesCall } from './cut-calls.ts'
import type { AttachPlan } from './plan.ts'
import { sendFiles } from './send-files.ts'
import { toOutcomes } from './verdict.ts'

export interface AttachTools {
  readonly org: Org
  /** Requests that are under way at a time. */
  readonly parallelCalls: number
  /** Default: those of the service. */
  readonly limits?: CallLimits
  readonly report: Report
  /** Aborted by Ctrl-C: what is under way is finished, nothing more is sent, what is known is written. */
  readonly signal: AbortSignal
}

/** Every row has its text in one of the files, and none needs a word of its call. */
const noFate = { unprocessed: '', unanswered: '' }

/**
 * Bodies from a manifest to the org, and their account:
 *
 * READ the manifest and FIND its files → CUT into calls → SEND (`parallelCalls` at a time) → FILES → ACCOUNT.
 *
 * It is the flow of any load, but for the cut: what fills a call are the files, which are not read before it is sent. Memory
 * is bounded by the requests under way, a few pieces of a file each.
 */
export async function attachFiles(plan: AttachPlan, tools: AttachTools): Promise<LoadAccount> {
  const { load, reader } = plan
  const { source, encoder, success, errors } = load
  const { org, parallelCalls, limits = callLimits, report, signal } = tools
  const stop = new StopReason(signal)
  const account = new Account()
  const writer = new ResultWriter(source, encoder, account, { success, errors })
  const memory = new LentMemory()
  const limit = pLimit(parallelCalls)
  report({ type: 'started', source: source.name, size: source.size })

  try {
    const onRead = (rows: number) => report({ type: 'read', rows, bytes: source.bytesRead() })
    // Standard input may never end: after Ctrl-C it is not read any further.
    const until = source.size === undefined ? signal : undefined
    const calls = cutCalls(source, encoder, reader, limits, { onRead, until })
    const send = async (call: FilesCall) => {
      const verdicts = await sendFiles(call, plan, { org, limits, limit, stop, signal })
      const hasReject = verdicts.some(({ verdict }) => verdict === 'rejected')
      if (load.failFast && (hasReject || verdicts.length < call.part.rows)) stop.atFirstReject()
      const { number, sent, bytes } = call.part
      if (sent > 0) report({ type: 'job-started', part: number, job: '', rows: sent, bytes })
      return { call, verdicts }
    }
    for await (const { call, verdicts } of inOrder(calls, parallelCalls, send)) {
      const isWithheld = (error: string) => error.startsWith('LOCAL:')
      account.rows.sent += verdicts.filter((row) => !('error' in row && isWithheld(row.error))).length
      const outcomes = toOutcomes(verdicts, load.spoolFolder, memory)
      await writer.writePart(call.part, outcomes, noFate)
      outcomes.close()
      await source.release(call.part.to)
      report({ type: 'written', ...account.rows })
    }
    if (await source.changed()) stop.because(sourceChanged(source.name))
    const files = await finishFiles(writer, load)
    return settle(account, [], files, stop.error)
  } catch (error) {
    await spareFiles(load)
    throw error
  } finally {
    memory.close()
    await source.close()
  }
}
