import { relative } from 'node:path'
import { foreseeIngestJob } from '../bulk/job-cost.ts'
import type { Changes } from '../check/change-tally.ts'
import type { EncodingDamage } from '../check/encoding-damage.ts'
import { type Examination, examineRows } from '../check/examine-rows.ts'
import type { LineTally } from '../check/line-tally.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { RejectReason } from '../load/account.ts'
import type { LoadEvent } from '../load/events.ts'
import type { LoadPlan } from '../load/plan.ts'
import type { Org } from '../org/org.ts'
import { type Forecast, type ForeseenChanges, type Problem, renderForecast, type Warning } from '../ui/forecast.ts'
import type { Io } from './command.ts'
import type { Gates } from './open-gates.ts'
import type { OpenedTransport } from './open-transport.ts'
import type { Talk } from './talk.ts'

export interface ForesightTools {
  readonly org: Org
  readonly io: Io
  readonly json: boolean
  readonly gates: Pick<Gates, 'damage' | 'changes' | 'unknown'>
  readonly talk: Pick<Talk<LoadEvent>, 'report' | 'hide' | 'conclude'>
}

/** Rows of one internal batch. Source: Bulk API guide, "Limits". */
const batchRows = 10_000

/**
 * Checks and plans a write, sends nothing, and tells its problems and what it would cost. Exit code 3 when rows would be
 * rejected before they are sent; they stand in the errors file then. Asking what the org has left is the one call that it makes
 * besides the description.
 */
export async function foreseeWrite(
  plan: LoadPlan,
  { transport, choice }: OpenedTransport,
  { org, io, json, gates, talk }: ForesightTools,
): Promise<ExitCode> {
  const { rows, parts, reasons, repeatedKeys, errors } = await examineRows(plan, transport.limits, talk.report)
  talk.hide()
  const isBulk = transport.api === 'bulk'
  const forecast: Forecast = {
    operation: plan.operation.name,
    sobject: plan.object.name,
    api: choice.api,
    apiReason: choice.reason,
    org: org.name,
    rows: { read: rows.read, sent: rows.sent, rejected: rows.rejected, skipped: rows.skipped },
    problems: reasons.map(describeProblem),
    warnings: listWarnings(repeatedKeys, gates.damage),
    notChecked: gates.unknown,
    ...(gates.changes ? { changes: describeChanges(gates.changes) } : {}),
    files: { errors: errors === null || errors === '-' ? errors : relative(io.folder, errors) },
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    parts: parts.length,
    batches: isBulk ? parts.reduce((sum, part) => sum + Math.ceil(part.rows / batchRows), 0) : 0,
    calls: isBulk ? parts.reduce((sum, part) => sum + foreseeIngestJob(part).total, 0) : parts.length,
    ...(await fetchLeft(org)),
  }
  const exit = rows.rejected > 0 ? exitCodes.rejected : exitCodes.done
  if (json) {
    const { apiCalls } = org.usage
    io.stdout.write(`${JSON.stringify({ dryRun: true, ...forecast, apiCalls, exitCode: exit.code })}\n`)
  }
  talk.conclude(renderForecast(forecast))
  return exit.code
}

function describeProblem({ text, count, lines }: RejectReason): Problem {
  const { code = null, fields = '' } =
    /^LOCAL:(?<code>[A-Z][A-Z_]+):[\s\S]*:(?<fields>[^:]*?) ?--$/.exec(text)?.groups ?? {}
  return { code, fields: fields.split(' ').filter((name) => name !== ''), example: text, count, lines }
}

function listWarnings(
  repeatedKeys: Examination['repeatedKeys'],
  damage: EncodingDamage | undefined,
): readonly Warning[] {
  const warn = (code: Warning['code'], message: string, found: LineTally | undefined): Warning[] =>
    found === undefined || found.count === 0 ? [] : [{ code, message, count: found.count, lines: found.lines }]
  return [
    ...warn('DUPLICATE_KEYS', 'the key is that of an earlier row: the one that comes last stays', repeatedKeys),
    ...warn('REPLACED_CHARACTERS', 'holds U+FFFD, which stands for a lost character', damage?.replaced),
    ...warn('MISREAD_CHARACTERS', 'looks like UTF-8 that was read as Windows-1252: Ã¼', damage?.misread),
  ]
}

function describeChanges({ created, changed, unchanged, missing, fields }: Changes): ForeseenChanges {
  return {
    created: { count: created.count, lines: created.lines },
    changed: { count: changed.count, lines: changed.lines },
    unchanged: { count: unchanged.count, lines: unchanged.lines },
    missing: { count: missing.count, lines: missing.lines },
    fields: [...fields]
      .map(([field, { count, examples }]) => ({ field, count, examples }))
      .sort((a, b) => b.count - a.count),
  }
}

async function fetchLeft(org: Org): Promise<{ callsLeft: number | null; batchesLeft: number | null }> {
  type Allowance = { readonly Remaining?: number } | undefined
  try {
    const response = await org.send({ method: 'GET', path: 'limits' })
    const limits = await response.json<Record<string, Allowance>>()
    return {
      callsLeft: limits.DailyApiRequests?.Remaining ?? null,
      batchesLeft: limits.DailyBulkApiBatches?.Remaining ?? null,
    }
  } catch {
    // Reading the limits needs a permission of its own; a plan is of use without them.
    return { callsLeft: null, batchesLeft: null }
  }
}
