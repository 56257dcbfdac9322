import { RunError } from '../errors.ts'
import { joinPlaced } from './join-placed.ts'
import { type FetchAnswers, type Joined, joinResults } from './join-results.ts'
import { SourceChanged } from './join-table.ts'
import type { LentMemory } from './lent-memory.ts'
import type { NextTable } from './next-table.ts'
import type { Outcomes } from './outcomes.ts'
import type { LoadPlan } from './plan.ts'
import type { StopReason } from './stop-reason.ts'
import type { AnsweredPart } from './transmit.ts'
import type { Transport } from './transport.ts'
import type { PartFate } from './write-results.ts'

/** The outcomes of a part's rows, as far as the service told them, and what the others are told. */
export interface JudgedPart {
  readonly outcomes: Outcomes | undefined
  readonly fate: PartFate
  /** Why the answers, or those of the other rows, could not be fetched. */
  readonly failure?: unknown
}

export interface JoinTools {
  readonly transport: Transport
  readonly stop: StopReason
  readonly tables: NextTable
  /** Serves one part after the other: a part must be written before the next one is joined. */
  readonly memory: LentMemory
}

/** Fetches and joins the answers of one part. What goes wrong is noted; the rows then say that they are unknown. */
export async function joinPart(answered: AnsweredPart, plan: LoadPlan, tools: JoinTools): Promise<JudgedPart> {
  const { transport, stop, memory } = tools
  const { part, job, end } = answered
  if (!job || !end) return { outcomes: undefined, fate: fateWithoutAnswers(answered, stop) }

  const refused = (error: unknown) => {
    stop.because(error)
    const reason = error instanceof Error ? error.message : String(error)
    return `UNKNOWN:job ${job.id} has ended, but its results could not be fetched: ${reason}`
  }
  const unprocessed = `UNPROCESSED:${end.errorMessage ?? `job ${job.id} ended before it came to this row (${end.state})`}`
  try {
    const fetch: FetchAnswers = (startAnew) => transport.results(job, end, part.sent, startAnew)
    const { outcomes, failure } =
      transport.answers === 'placed'
        ? { outcomes: await joinPlaced(part.sent, fetch(), plan.spoolFolder, memory), failure: undefined }
        : await joinEchoed(answered, plan, fetch, tools)
    if (failure !== undefined) return { outcomes, fate: { unprocessed, unanswered: refused(failure) }, failure }
    return {
      outcomes,
      fate: {
        unprocessed,
        unanswered:
          `UNKNOWN:the service gave no answer for this row${nameJob(job.id)}; ` +
          'look the record up in the org before sending it again',
      },
    }
  } catch (error) {
    if (error instanceof SourceChanged) throw new RunError(error.message, { code: 'SOURCE_CHANGED' })
    return { outcomes: undefined, fate: { unprocessed, unanswered: refused(error) }, failure: error }
  }
}

async function joinEchoed(
  { part, job }: AnsweredPart,
  plan: LoadPlan,
  fetch: FetchAnswers,
  { tables, stop }: JoinTools,
): Promise<Joined> {
  const joined = await joinResults(plan.mapping, (options) => tables.take(part, options), fetch, plan.spoolFolder)
  noteUnmatched(joined, job?.id ?? '', stop)
  return joined
}

function fateWithoutAnswers({ job, failure, withheld }: AnsweredPart, stop: StopReason): PartFate {
  const unanswered = job
    ? `UNKNOWN:job ${job.id} had not ended when the run did (${stop.error?.message ?? stop.words}); look at the job before sending the row again`
    : failure?.mayHaveArrived
      ? `UNKNOWN:the service may have taken the row${nameJob(failure.id)}: ${failure.error.message}`
      : `LOCAL:not sent: ${failure?.error.message ?? withheld ?? ''}`
  return { unprocessed: unanswered, unanswered }
}

/** Nothing for a job that is not known, and for an API that has none. */
function nameJob(id: string | undefined): string {
  return id ? ` (job ${id})` : ''
}

/**
 * Answers that fit no row that was sent, or one that has another answer: somebody must look at them, so they are told with
 * their Ids.
 */
function noteUnmatched({ unmatched, missingColumns }: Joined, job: string, stop: StopReason): void {
  if (unmatched.count === 0) return
  const why = missingColumns.length > 0 ? `: they lack the columns ${missingColumns.join(', ')}` : ''
  const ids = unmatched.ids.length > 0 ? `, among them ${unmatched.ids.join(', ')}` : ''
  const fit = unmatched.count === 1 ? 'answer fits' : 'answers fit'
  stop.note(
    new RunError(`${unmatched.count} ${fit} no row of job ${job} that waits for one${why}${ids}`, {
      code: 'UNMATCHED_ANSWERS',
      hint: 'rows without an answer say UNKNOWN: in the errors file; look both up in the org',
    }),
  )
}
