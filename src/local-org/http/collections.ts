import type { ObjectDescription } from '../../org/object-description.ts'
import type { WriteOperation, WriteResult } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import { type ApiRequest, isObject, readJsonObject } from './api-request.ts'
import type { JsonRecord } from './json-records.ts'
import { findObjectsOfIds, readRecords } from './read-records.ts'
import { notFound, Refusal } from './refusal.ts'
import { jsonReply, type Reply } from './reply.ts'
import type { Route } from './router.ts'
import { actAs } from './users.ts'
import { addToRun, mostRuns, type Run, writeRuns } from './write-runs.ts'

const mostRecords = 200
const mostRetrieved = 2000

/** Up to 200 records in one call; the answer has one entry for each, in order. REST guide, "sObject Collections". */
export function collectionRoutes(parts: OrgParts): readonly Route[] {
  const path = '/services/data/v:version/composite/sobjects'
  return [
    {
      method: 'POST',
      path,
      handle: async (request) => writeMixed(actAs(parts, request.session), 'insert', await readJsonObject(request)),
    },
    {
      method: 'PATCH',
      path,
      handle: async (request) => writeMixed(actAs(parts, request.session), 'update', await readJsonObject(request)),
    },
    { method: 'DELETE', path, handle: (request) => removeMixed(actAs(parts, request.session), request) },
    {
      method: 'PATCH',
      path: `${path}/:object/:field`,
      since: 46,
      handle: async (request) => upsert(actAs(parts, request.session), request, await readJsonObject(request)),
    },
    {
      method: 'POST',
      path: `${path}/:object`,
      handle: async (request) => retrieve(parts, request, await readJsonObject(request)),
    },
  ]
}

function writeMixed(parts: OrgParts, operation: WriteOperation, body: JsonRecord): Reply {
  const runs: Run[] = []
  for (const record of readRecordList(body)) {
    const type = typeOf(record)
    if (type === '') throw new Refusal(400, 'INVALID_INPUT', 'attributes.type is required for every record')
    addToRun(runs, findObject(parts, type), record)
  }
  return replyTo(parts, runs, operation, undefined, body.allOrNone === true)
}

/** Empty where the record does not say. */
function typeOf({ attributes }: JsonRecord): string {
  return isObject(attributes) ? String(attributes.type ?? '') : ''
}

function upsert(parts: OrgParts, { params }: ApiRequest, body: JsonRecord): Reply {
  const object = findObject(parts, params.object ?? '')
  const records = readRecordList(body)
  const other = records.map(typeOf).find((type) => type !== '' && type.toLowerCase() !== object.name.toLowerCase())
  if (other !== undefined) {
    throw new Refusal(400, 'INVALID_INPUT', `A record of type ${other} stands in an upsert of ${object.name}`)
  }
  const runs = [{ object, records: [...records] }]
  return replyTo(parts, runs, 'upsert', params.field, body.allOrNone === true)
}

function removeMixed(parts: OrgParts, { query }: ApiRequest): Reply {
  const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '')
  checkCount(ids.length)
  const runs: Run[] = []
  // What is no Id is the fault of its row, not of the call.
  for (const [index, object] of findObjectsOfIds(parts.engine, ids).entries())
    addToRun(runs, object, { Id: ids[index] })
  return replyTo(parts, runs, 'delete', undefined, query.get('allOrNone') === 'true')
}

function retrieve(parts: OrgParts, { params, version }: ApiRequest, body: JsonRecord): Reply {
  const { ids, fields } = body
  if (!Array.isArray(ids) || !Array.isArray(fields)) {
    throw new Refusal(400, 'INVALID_INPUT', 'Lists are expected for "ids" and "fields"')
  }
  if (ids.length > mostRetrieved) {
    const message = `retrieve id limit reached. cannot submit more than ${mostRetrieved} ids into this call`
    throw new Refusal(400, 'EXCEEDED_ID_LIMIT', message)
  }
  const object = findObject(parts, params.object ?? '')
  const found = readRecords(parts.engine, object.name, ids.map(String), fields.map(String), version)
  return jsonReply(ids.map((id) => found.get(String(id).slice(0, 15)) ?? null))
}

function replyTo(
  parts: OrgParts,
  runs: readonly Run[],
  operation: WriteOperation,
  externalIdField: string | undefined,
  allOrNone: boolean,
): Reply {
  if (runs.length > mostRuns) {
    throw new Refusal(400, 'INVALID_INPUT', `The types of the records change more than ${mostRuns} times`)
  }
  const results = writeRuns(parts, runs, { operation, externalIdField, allOrNone })
  return jsonReply(results.map((result) => describeResult(result, operation)))
}

function describeResult({ id, created, error }: WriteResult, operation: WriteOperation): Record<string, unknown> {
  const verdict = operation === 'upsert' ? { created } : {}
  if (error !== undefined) return { success: false, errors: [error], ...verdict }
  return { id, success: true, errors: [], ...verdict }
}

function readRecordList({ records }: JsonRecord): readonly JsonRecord[] {
  if (!Array.isArray(records)) throw new Refusal(400, 'JSON_PARSER_ERROR', 'A list was expected for "records"')
  checkCount(records.length)
  return records.map((record: unknown) => {
    if (isObject(record)) return record
    throw new Refusal(400, 'JSON_PARSER_ERROR', 'Records are JSON objects')
  })
}

function checkCount(count: number): void {
  if (count <= mostRecords) return
  const message = `record limit reached. cannot submit more than ${mostRecords} records into this call`
  throw new Refusal(400, 'EXCEEDED_ID_LIMIT', message)
}

function findObject({ engine }: OrgParts, name: string): ObjectDescription {
  const object = engine.describe(name)
  if (object === undefined) throw notFound()
  return object
}
