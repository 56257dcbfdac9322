import type { QueryResult } from '../engine.ts'

/**
 * Results of query jobs between their creation, when the query has to be run to know what is wrong with it, and their
 * turn, when the rows are written out. In memory: another process that takes the job runs the query again.
 */
export interface QuerySnapshots {
  keep(job: string, result: QueryResult): void
  /** Hands the result over to the caller, who closes it. */
  take(job: string): QueryResult | undefined
}

export function createQuerySnapshots(): QuerySnapshots {
  const results = new Map<string, QueryResult>()
  return {
    keep(job, result) {
      results.set(job, result)
    },
    take(job) {
      const result = results.get(job)
      results.delete(job)
      return result
    },
  }
}
