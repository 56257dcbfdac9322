import { UnfinishedError } from '../errors.ts'
import { orgIsFull } from '../org/retry-table.ts'
import type { Account, RowCounts } from './account.ts'

/** How many rejected rows a load may have: a number, or percent of the rows that have an answer. */
export type RejectLimit = { readonly rows: number } | { readonly percent: number }

/** Why a load ends, in the words of the rows that stay unsent; undefined while it goes on. */
export function judgeRejects(limit: RejectLimit | undefined, { read, rejected }: RowCounts): string | undefined {
  if (limit === undefined) return undefined
  if ('rows' in limit) {
    return rejected > limit.rows ? `more than ${limit.rows} rows before it were rejected (--max-rejects)` : undefined
  }
  const isTooMany = rejected * 100 > limit.percent * read
  return isTooMany ? `${rejected} of ${read} rows before it were rejected (--max-rejects ${limit.percent}%)` : undefined
}

/** Why the rest of a load must wait when a row of this process was rejected for want of room in the org; else undefined. */
export function findFullOrg(account: Account): UnfinishedError | undefined {
  if (!account.hasRejected(orgIsFull)) return undefined
  return new UnfinishedError('the org has no room for more records', {
    code: orgIsFull,
    hint: 'Make room in the org, or get more of it: `sfbulk limits` shows what there is.',
  })
}
