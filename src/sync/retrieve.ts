import type { RemoteRow } from './apply-remote.ts'
import { readJson } from './field-values.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/** Source: REST guide, "Get Records Using sObject Collections": up to 2,000 Ids by POST. */
const rowsOfCall = 2_000

/**
 * Records as they are now, one call for 2,000 of them; those that are deleted, or not to be seen, have no values.
 */
export async function retrieveRows(
  { org, signal }: Pick<SyncTools, 'org' | 'signal'>,
  object: SyncObject,
  ids: readonly string[],
): Promise<readonly RemoteRow[]> {
  const rows: RemoteRow[] = []
  const fields = [...new Set(['Id', ...object.fields.map(({ name }) => name), object.stampField ?? 'Id'])]
  for (let from = 0; from < ids.length; from += rowsOfCall) {
    const asked = ids.slice(from, from + rowsOfCall)
    const response = await org.send({
      method: 'POST',
      path: `composite/sobjects/${object.name}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ids: asked, fields }),
      // It reads.
      repeatable: true,
      signal,
    })
    const records = await response.json<readonly (Readonly<Record<string, unknown>> | null)[]>()
    for (const [index, record] of records.entries()) rows.push(readRecord(object, asked[index]!, record))
  }
  return rows
}

function readRecord(object: SyncObject, id: string, record: Readonly<Record<string, unknown>> | null): RemoteRow {
  if (record === null) return { id, values: undefined, stamp: undefined }
  const stamp = object.stampField === undefined ? undefined : record[object.stampField]
  return {
    id,
    values: object.fields.map((field) => readJson(field, record[field.name])),
    stamp: typeof stamp === 'string' ? stamp.replace(/\+0000$/, 'Z') : undefined,
  }
}
