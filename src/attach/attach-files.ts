import pLimit from 'p-limit'
import { Account } from '../load/account.ts'
import { digestMaker } from '../load/digest.ts'
import type { Report } from '../load/events.ts'
import { finishFiles, spareFiles, suspendFiles } from '../load/finish-files.ts'
import { inOrder } from '../load/in-order.ts'
import { joinPlaced } from '../load/join-placed.ts'
import { LentMemory } from '../load/lent-memory.ts'
import {
  asFailure,
  inputCut,
  isLeftOpen,
  type LoadAccount,
  pauseLoad,
  settle,
  sourceChanged,
} from '../load/run-load.ts'
import { RunProgress } from '../load/run-progress.ts'
import { StopReason } from '../load/stop-reason.ts'
import type { PlacedResult } from '../load/transport.ts'
import { ResultWriter } from '../load/write-results.ts'
import type { Org } from '../org/org.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import { type CallTools, pauseReally } from '../soap/send-call.ts'
import type { FindWritten } from '../soap/settle-call.ts'
import { type CallLimits, callLimits, cutCalls, type FilesCall } from './cut-calls.ts'
import type { AttachPlan } from './plan.ts'
import { type SentFiles, sendFiles } from './send-files.ts'
import { StoredIds } from './stored-ids.ts'

export interface AttachTools {
  readonly org: Org
  /** Requests that are under way at a time. */
  readonly parallelCalls: number
  /** Default: those of the service. */
  readonly limits?: CallLimits
  readonly report: Report
  /** Aborted by Ctrl-C: what is under way is finished, nothing more is sent, what is known is written. */
  readonly signal: AbortSignal
  /** Where the run writes down its steps. Without it, it cannot be carried on. */
  readonly journal?: RunJournal | undefined
  /** Asks the org for records that are changed or deleted. */
  readonly findWritten: FindWritten
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. Default: real time. */
  readonly pause?: CallTools['pause'] | undefined
}

/** Every row has its text in one of the files, and none needs a word of its call. */
const noFate = { unprocessed: '', unanswered: '' }

/**
 * Bodies from a manifest to the org, and their account:
 *
 * READ the manifest and FIND its files → CUT into calls → SEND (`parallelCalls` at a time) → FILES → ACCOUNT.
 *
 * It is the flow of any load, but for the cut: what fills a call are the files, which are not read before it is sent. Memory
 * is bounded by the requests under way, a few pieces of a file each. A run that is carried on begins at the last call that is
 * in the result files; requests behind it that were answered, or may have been carried out, are not made again.
 */
export async function attachFiles(plan: AttachPlan, tools: AttachTools): Promise<LoadAccount> {
  const { load, reader } = plan
  const { source, encoder, success, errors } = load
  const { org, parallelCalls, limits = callLimits, report, signal, journal, findWritten } = tools
  const { pause = pauseReally } = tools
  const stop = new StopReason(signal)
  const progress = new RunProgress(journal, load, stop, false)
  const account = new Account(progress.written)
  const writer = new ResultWriter(source, encoder, account, { success, errors }, progress.written !== undefined)
  const memory = new LentMemory()
  const limit = pLimit(parallelCalls)
  const stored = new StoredIds(journal?.past)
  let isCutShort = false
  report({ type: 'started', source: source.name, size: source.size })

  try {
    const calls = cutCalls(source, encoder, reader, limits, {
      onRead: (rows) => report({ type: 'read', rows, bytes: source.bytesRead() }),
      // Standard input may never end: after Ctrl-C it is not read any further. What an earlier process kept of it does end.
      until: source.size === undefined && journal?.past === undefined ? signal : undefined,
      onLeft: () => {
        isCutShort = true
      },
      start: progress.start,
      digest: journal === undefined ? undefined : await digestMaker(),
    })
    const sendTools = { org, limits, limit, stop, signal, journal, stored, findWritten, pause }
    const send = async (call: FilesCall) => {
      if (progress.isWritten(call.part)) return { call, sent: undefined }
      const sent = await sendFiles(call, plan, sendTools)
      if (load.failFast && hasReject(call, sent)) stop.atFirstReject()
      const { number, sent: rows, bytes } = call.part
      if (rows > 0) report({ type: 'job-started', part: number, job: '', rows, bytes })
      return { call, sent }
    }
    for await (const { call, sent } of inOrder(calls, parallelCalls, send)) {
      const { part } = call
      if (sent === undefined) progress.proveWritten(part)
      if (sent === undefined || progress.isPending(asAnswered(call, sent), false)) continue
      isCutShort ||= isLeftOpen(asAnswered(call, sent))
      account.rows.sent += sent.answers.filter(({ error }) => !error.startsWith('LOCAL:')).length
      const outcomes = await joinPlaced(sent.answers.length, placed(sent.answers), load.spoolFolder, memory)
      await writer.writePart(part, outcomes, noFate)
      outcomes.close()
      await progress.note(part, account)
      report({ type: 'written', ...account.rows })
    }
    await progress.settle()
    if (await source.changed()) stop.because(sourceChanged(source.name))
    if (progress.pending) {
      await suspendFiles(load)
      return pauseLoad(account, [], progress.pending, stop)
    }
    if (load.isCut) stop.note(inputCut(source.name, account.rows.read))
    const files = await finishFiles(writer, load, journal)
    return settle(account, [], files, isCutShort ? stop.error : stop.failure)
  } catch (error) {
    await progress.settle().catch(() => {})
    if (progress.canResume) await suspendFiles(load)
    else await spareFiles(load)
    throw account.rows.sent > 0 ? asFailure(error) : error
  } finally {
    memory.close()
    await source.close()
  }
}

function hasReject({ part }: FilesCall, { answers }: SentFiles): boolean {
  return answers.length < part.rows || answers.some(({ verdict }) => verdict === 'rejected')
}

/** A call as the progress of a run sees it: one of which a request is still to be made, or to be settled, may have to wait. */
function asAnswered({ part }: FilesCall, { withheld, failure, isBegun }: SentFiles) {
  const isOpen = withheld !== undefined || failure !== undefined
  const job = isOpen && isBegun ? { id: '' } : undefined
  return { part, job, end: undefined, failure, withheld, waitFailure: failure?.askFailure }
}

async function* placed(answers: readonly PlacedResult[]) {
  yield { placed: answers }
}
