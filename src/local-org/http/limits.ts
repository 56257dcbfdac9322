import type { OrgParts } from '../parts.ts'
import { jsonReply } from './reply.ts'
import type { Route } from './router.ts'

const daily = { batches: 15_000, queryJobs: 10_000, queryMegabytes: 976_562 } as const
const megabyte = 1024 * 1024

/** What the org has left today, and how many records it has. REST guide, "Limits", "Record Count". */
export function limitRoutes(parts: OrgParts): readonly Route[] {
  const path = '/services/data/v:version/limits'
  return [
    { method: 'GET', path, handle: ({ version }) => jsonReply(readLimits(parts, version)) },
    {
      method: 'GET',
      path: `${path}/recordCount`,
      handle: ({ query }) => {
        const wanted = query.get('sObjects')?.split(',')
        const names = wanted ?? parts.engine.objects().map((object) => object.name)
        const known = names.flatMap((name) => parts.engine.describe(name.trim())?.name ?? [])
        return jsonReply({ sObjects: known.map((name) => ({ count: parts.engine.count(name), name })) })
      },
    },
  ]
}

function readLimits({ usage, options }: OrgParts, version: number): Record<string, { Max: number; Remaining: number }> {
  const queryMegabytes = Math.ceil(usage.used('bulkQueryBytes') / megabyte)
  return {
    DailyApiRequests: limit(options.dailyApiRequests, usage.used('apiRequests')),
    // Renamed with 49.0.
    [version < 49 ? 'DailyBulkApiRequests' : 'DailyBulkApiBatches']: limit(daily.batches, usage.used('bulkBatches')),
    DailyBulkV2QueryFileStorageMB: limit(daily.queryMegabytes, queryMegabytes),
    DailyBulkV2QueryJobs: limit(daily.queryJobs, usage.used('bulkQueryJobs')),
  }
}

function limit(max: number, used: number): { Max: number; Remaining: number } {
  return { Max: max, Remaining: Math.max(0, max - used) }
}
