import type { Storage } from '../sqlite/database.ts'
import { prepareValue } from './prepare-value.ts'

/** What the org counts over 24 hours. */
export type Counter = 'apiRequests' | 'bulkBatches' | 'bulkQueryJobs' | 'bulkQueryBytes'

/** Counters of the last 24 hours, kept in the data file by the hour, so that they run on across processes. */
export interface UsageCounters {
  add(counter: Counter, amount: number): void
  used(counter: Counter): number
}

const hour = 3_600_000

/** @param now milliseconds since 1970 */
export function createUsageCounters(storage: Storage, now: () => number): UsageCounters {
  storage.exec(
    'CREATE TABLE IF NOT EXISTS org_usage (counter TEXT, hour INTEGER, amount INTEGER, PRIMARY KEY (counter, hour))',
  )
  const add = storage.prepare(
    'INSERT INTO org_usage VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount',
  )
  const sum = prepareValue(storage, 'SELECT coalesce(sum(amount), 0) FROM org_usage WHERE counter = ? AND hour > ?')
  storage.prepare('DELETE FROM org_usage WHERE hour <= ?').run([thisHour() - 24])

  function thisHour(): number {
    return Math.floor(now() / hour)
  }

  return {
    add(counter, amount) {
      add.run([counter, thisHour(), amount])
    },
    used: (counter) => Number(sum([counter, thisHour() - 24])),
  }
}
