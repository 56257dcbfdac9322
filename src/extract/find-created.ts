import type { FieldDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import { uniqueValue } from '../soap/take-up-call.ts'
import { readRecords } from './read-records.ts'

export interface CreatedQuery {
  readonly object: string
  /** A field that no two records share a value of. */
  readonly field: FieldDescription
  /** Milliseconds since 1970, by this machine's clock. */
  readonly since: number
}

/**
 * Ids of the records that have been created since a moment, of those with these values of a unique field; by value, as
 * `uniqueValue` spells it. Throws what `readRecords` throws.
 */
export async function findCreated(
  { object, field, since }: CreatedQuery,
  values: readonly string[],
  { org, folder }: { readonly org: Org; readonly folder: string },
): Promise<ReadonlyMap<string, string>> {
  const { signal } = new AbortController()
  const ahead = await clockAhead(org)
  const created = new Map<string, string>()
  const fields = [{ name: 'Id', type: 'id' }, field, { name: 'CreatedDate', type: 'datetime' }]
  const query = { object, fields, key: field, all: false }
  for await (const rows of readRecords(query, values, values.length, { org, signal, folder })) {
    for (const [id = '', value = '', time = ''] of rows) {
      if (Date.parse(time) >= since + ahead - tolerance) created.set(uniqueValue(field, value), id)
    }
  }
  return created
}

/** The service tells times in whole seconds. */
const tolerance = 2_000

/** Milliseconds that the service's clock is ahead of this machine's. Source: the list of versions; it is no API call. */
async function clockAhead(org: Org): Promise<number> {
  const answer = await org.send({ method: 'GET', path: '/services/data' })
  await answer.text()
  const time = Date.parse(answer.headers.date ?? '')
  return Number.isNaN(time) ? 0 : time - Date.now()
}
