import { randomInt } from 'node:crypto'
import { formatId } from '../../values/record-id.ts'
import type { QueryResult } from '../engine.ts'

/** Results of REST queries that have more rows than were given out, in the memory of the process. */
export interface Cursors {
  /** Keeps a result and gives the id under which it is found. The oldest makes room when there are too many. */
  keep(result: QueryResult): string
  find(id: string): QueryResult | undefined
}

const kept = 50

export function createCursors(): Cursors {
  const results = new Map<string, QueryResult>()
  let number = randomInt(62 ** 4)
  return {
    keep(result) {
      number += 1
      const id = formatId('01g', number)
      results.set(id, result)
      const [oldest] = results
      if (results.size > kept && oldest !== undefined) {
        results.delete(oldest[0])
        oldest[1].close()
      }
      return id
    },
    find: (id) => results.get(id),
  }
}
