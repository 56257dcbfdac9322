import { formatCount } from '../format-count.ts'
import { renderTable } from './table.ts'

/** By name. Some hold an entry of the same shape for each connected app. */
export type Limits = Readonly<Record<string, { readonly Max?: number; readonly Remaining?: number }>>

/** A line for each allowance, those of loads and queries first. */
export function renderLimits(limits: Limits): readonly string[] {
  const names = Object.keys(limits).sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))
  return renderTable(
    [
      { title: 'limit', cell: (name) => name },
      { title: 'left', cell: (name) => renderCount(limits[name]?.Remaining), align: 'right' },
      { title: 'of', cell: (name) => renderCount(limits[name]?.Max), align: 'right' },
      { title: 'used', cell: (name) => renderShare(limits[name]), align: 'right' },
    ],
    names,
  )
}

const first = [
  'DailyApiRequests',
  'DailyBulkApiBatches',
  // The same allowance up to version 48.0.
  'DailyBulkApiRequests',
  'DailyBulkV2QueryJobs',
  'DailyBulkV2QueryFileStorageMB',
  'DataStorageMB',
]

function rank(name: string): number {
  const place = first.indexOf(name)
  return place < 0 ? first.length : place
}

/** What is not told is unknown, and not nothing. */
function renderCount(count: number | undefined): string {
  return isTold(count) ? formatCount(count) : ''
}

/** Storage may be overdrawn, and an allowance of nothing has no share. */
function renderShare({ Max, Remaining }: Limits[string] = {}): string {
  if (!isTold(Max) || !isTold(Remaining) || Max <= 0) return ''
  return `${Math.round(((Max - Remaining) / Max) * 100)} %`
}

function isTold(count: number | null | undefined): count is number {
  return typeof count === 'number'
}
