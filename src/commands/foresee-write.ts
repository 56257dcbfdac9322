import { foreseeIngestJob } from '../bulk/job-cost.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { type ForeseenLoad, foreseeLoad } from '../load/foresee-load.ts'
import { discardPlan, type LoadPlan } from '../load/plan.ts'
import type { Org } from '../org/org.ts'
import { formatBytes, formatCount, formatRows } from '../ui/figures.ts'
import type { Io } from './command.ts'
import type { OpenedTransport } from './open-transport.ts'

/** What `--dry-run` tells: the keys of its `--json` object. */
interface Forecast {
  readonly operation: string
  readonly sobject: string
  readonly api: string
  readonly apiReason: string
  readonly org: string
  readonly rows: ForeseenLoad['rows']
  readonly bytes: number
  /** Jobs of the Bulk API, or calls of SOAP. */
  readonly parts: number
  /** Batches that the service makes of the rows, of the 15,000 a day; none by SOAP. */
  readonly batches: number
  /** API calls that the load itself is expected to cost. */
  readonly calls: number
  /** What the org has left today; null where this user may not know. */
  readonly callsLeft: number | null
  readonly batchesLeft: number | null
}

/** Rows of one internal batch. Source: Bulk API guide, "Limits". */
const batchRows = 10_000

/**
 * Checks and plans a write, sends nothing, and tells what it would cost. Exit code 3 when rows would be rejected before they
 * are sent. Asking what the org has left is the one call that it makes besides the description.
 */
export async function foreseeWrite(
  plan: LoadPlan,
  { transport, choice }: OpenedTransport,
  { org, io, json, quiet }: { readonly org: Org; readonly io: Io; readonly json: boolean; readonly quiet: boolean },
): Promise<ExitCode> {
  const { rows, parts } = await foreseeLoad(plan, transport.limits).finally(() => discardPlan(plan))
  const isBulk = transport.api === 'bulk'
  const forecast: Forecast = {
    operation: plan.operation.name,
    sobject: plan.object.name,
    api: choice.api,
    apiReason: choice.reason,
    org: org.name,
    rows,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    parts: parts.length,
    batches: isBulk ? parts.reduce((sum, part) => sum + Math.ceil(part.rows / batchRows), 0) : 0,
    calls: isBulk ? parts.reduce((sum, part) => sum + foreseeIngestJob(part).total, 0) : parts.length,
    ...(await fetchLeft(org)),
  }
  const exit = rows.rejected > 0 ? exitCodes.rejected : exitCodes.done
  if (json) io.stdout.write(`${JSON.stringify({ dryRun: true, ...forecast, exitCode: exit.code })}\n`)
  if (!quiet) for (const line of renderForecast(forecast)) io.stderr.write(`${line}\n`)
  return exit.code
}

function renderForecast(forecast: Forecast): string[] {
  const { operation, sobject, org, api, apiReason, rows, bytes, parts, batches, calls, callsLeft } = forecast
  const unit = api === 'soap' ? 'call' : 'job'
  const left = callsLeft === null ? 'what the org has left is not known' : `${formatCount(callsLeft)} left today`
  return [
    `Nothing was sent. ${operation} would send ${formatRows(rows.sent)} (${formatBytes(bytes)}) to ${sobject} on ${org}:`,
    `  by ${api}, because ${apiReason}: ${formatCount(parts)} ${parts === 1 ? unit : `${unit}s`}, about ${formatCount(calls)} API ${calls === 1 ? 'call' : 'calls'} (${left})`,
    ...(batches > 0 ? [`  ${formatCount(batches)} of the 15,000 batches a day`] : []),
    ...(rows.rejected > 0
      ? [
          `  ${formatRows(rows.rejected)} would be rejected before they are sent: the load writes them with their reasons`,
        ]
      : []),
  ]
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
