import { openCsvSource } from '../csv/source.ts'
import { UsageError } from '../errors.ts'
import type { SentColumn } from '../mapping/compile.ts'
import { type LookupTable, readLookupTable } from '../mapping/lookup-table.ts'
import type { LookupSource } from '../mapping/mapping.ts'
import type { PlanTools } from './plan.ts'

/**
 * Reads the tables that the columns of a mapping look values up in, by the index of the column; two columns that look in the
 * same way share one. The rows of a query are fetched once, before anything is sent. Throws `UsageError` for a file that cannot be
 * read, a column that it does not have, and a query that Salesforce refuses.
 */
export async function openLookups(
  columns: readonly SentColumn[],
  tools: Pick<PlanTools, 'stdin' | 'spoolFolder' | 'fetchLookup'>,
): Promise<ReadonlyMap<number, LookupTable>> {
  const tables = new Map<number, LookupTable>()
  const shared = new Map<string, LookupTable>()
  for (const [index, { target, from }] of columns.entries()) {
    const lookup = typeof from === 'object' && 'computed' in from ? from.computed.lookup : undefined
    if (!lookup) continue
    const identity = JSON.stringify([lookup.from, lookup.match, lookup.take])
    const table =
      shared.get(identity) ?? (await readTable(lookup, tools).catch((error: unknown) => rethrow(error, target.name)))
    shared.set(identity, table)
    tables.set(index, table)
  }
  return tables
}

/** A mapping may have many lookups: the field says which one is meant. */
function rethrow(error: unknown, field: string): never {
  if (!(error instanceof UsageError)) throw error
  const { code, hint } = error
  throw new UsageError(`${field}: lookup: ${error.message}`, { code, hint, cause: error })
}

async function readTable(
  { from, match, take }: LookupSource,
  { stdin, spoolFolder, fetchLookup }: Pick<PlanTools, 'stdin' | 'spoolFolder' | 'fetchLookup'>,
): Promise<LookupTable> {
  const name = 'file' in from ? from.name : 'the query'
  const path = 'file' in from ? from.file : await fetchLookup?.(from.query)
  if (path === undefined) throw new UsageError('a lookup by query is not possible here', { hint: 'name a CSV file' })
  const source = await openCsvSource({ path, name, stdin, spoolFolder })
  try {
    return await readLookupTable(source, { match, take }, name)
  } finally {
    await source.close()
  }
}
