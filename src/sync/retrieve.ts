import { ApiError } from '../errors.ts'
import { fetchQueryPages, type JsonRecord } from '../extract/rest-pages.ts'
import type { RemoteRow } from './apply-remote.ts'
import { readJson } from './field-values.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/** Source: REST guide, "Get Records Using sObject Collections": up to 2,000 Ids by POST. */
const rowsOfCall = 2_000

/** Ids of a query, which goes into an address of 16,384 bytes. */
const idsOfQuery = 400

/**
 * Records as they are now, one call for 2,000 of them; those that are deleted, or not to be seen, have no values. Where the org
 * does not know that call they are asked for by queries.
 */
export async function retrieveRows(
  tools: Pick<SyncTools, 'org' | 'signal'>,
  object: SyncObject,
  ids: readonly string[],
): Promise<readonly RemoteRow[]> {
  const rows: RemoteRow[] = []
  const fields = [...new Set(['Id', ...object.fields.map(({ name }) => name), object.stampField ?? 'Id'])]
  for (let from = 0; from < ids.length; from += rowsOfCall) {
    const asked = ids.slice(from, from + rowsOfCall)
    const records = (await retrieve(tools, object, asked, fields)) ?? (await query(tools, object, asked, fields))
    for (const [index, record] of records.entries()) rows.push(readRecord(object, asked[index]!, record))
  }
  return rows
}

type Retrieved = Readonly<Record<string, unknown>> | null

/** Undefined where the org does not know the call. */
async function retrieve(
  { org, signal }: Pick<SyncTools, 'org' | 'signal'>,
  object: SyncObject,
  ids: readonly string[],
  fields: readonly string[],
): Promise<readonly Retrieved[] | undefined> {
  try {
    const response = await org.send({
      method: 'POST',
      path: `composite/sobjects/${object.name}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ids, fields }),
      // It reads.
      repeatable: true,
      signal,
    })
    return await response.json<readonly Retrieved[]>()
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return undefined
    throw error
  }
}

async function query(
  { org, signal }: Pick<SyncTools, 'org' | 'signal'>,
  object: SyncObject,
  ids: readonly string[],
  fields: readonly string[],
): Promise<readonly Retrieved[]> {
  const found = new Map<string, JsonRecord>()
  for (let from = 0; from < ids.length; from += idsOfQuery) {
    const list = ids.slice(from, from + idsOfQuery).map((id) => `'${id}'`)
    const soql = `SELECT ${fields.join(', ')} FROM ${object.name} WHERE Id IN (${list.join(',')})`
    for await (const { records } of fetchQueryPages(org, { soql, all: false }, signal)) {
      for (const record of records) found.set(String(record.Id).slice(0, 15), record)
    }
  }
  return ids.map((id) => found.get(id.slice(0, 15)) ?? null)
}

function readRecord(object: SyncObject, id: string, record: Retrieved): RemoteRow {
  if (record === null) return { id, values: undefined, stamp: undefined }
  const stamp = object.stampField === undefined ? undefined : record[object.stampField]
  return {
    id,
    values: object.fields.map((field) => readJson(field, record[field.name])),
    stamp: typeof stamp === 'string' ? stamp.replace(/\+0000$/, 'Z') : undefined,
  }
}
