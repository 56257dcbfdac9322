import { isUpsertKey, type ObjectDescription } from '../../org/object-description.ts'
import { normalizeId } from '../../values/record-id.ts'
import type { RowError } from '../../values/row-error.ts'
import type { WriteOperation, WriteRequest, WriteResult } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import { type ApiRequest, readJsonObject } from './api-request.ts'
import { type BlobForm, isForm, readBlobForm } from './blob-form.ts'
import { type JsonRecord, toWriteRequest } from './json-records.ts'
import { findByField, readRecords } from './read-records.ts'
import { notFound, Refusal } from './refusal.ts'
import { emptyReply, jsonReply, type Reply } from './reply.ts'
import type { Route } from './router.ts'
import { actAs } from './users.ts'

/** Single records. REST guide, "sObject Basic Information", "sObject Rows", "sObject Rows by External ID". */
export function rowRoutes(parts: OrgParts): readonly Route[] {
  const path = '/services/data/v:version/sobjects/:object'
  return [
    { method: 'POST', path, handle: (request) => create(parts, request) },
    { method: 'GET', path: `${path}/:id`, handle: (request) => read(parts, request, request.params.id ?? '') },
    {
      method: 'PATCH',
      path: `${path}/:id`,
      handle: (request) => change(parts, request, request.params.id ?? ''),
    },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => remove(parts, request, request.params.id ?? '') },
    { method: 'GET', path: `${path}/:field/:value`, handle: (request) => readByKeyOrBlob(parts, request) },
    {
      method: 'PATCH',
      path: `${path}/:field/:value`,
      handle: async (request) => upsert(parts, request, await readJsonObject(request)),
    },
    {
      method: 'DELETE',
      path: `${path}/:field/:value`,
      handle: (request) => withIdByKey(parts, request, (id) => remove(parts, request, id)),
    },
  ]
}

async function create(parts: OrgParts, request: ApiRequest): Promise<Reply> {
  const object = findObject(parts, request)
  const as = actAs(parts, request.session)
  const { id } = isForm(request)
    ? writeForm(as, object, 'insert', await readBlobForm(parts.engine, object, request))
    : writeOne(as, object, 'insert', await readJsonObject(request))
  const location = { Location: `${request.path.replace(/\/$/, '')}/${id}` }
  return jsonReply({ id, success: true, errors: [] }, 201, location)
}

function read({ engine }: OrgParts, request: ApiRequest, id: string): Reply {
  const object = findObject({ engine }, request)
  if (normalizeId(id) === undefined) throw noSuchKey(id)
  const wanted = request.query.get('fields')?.split(',')
  const fields = wanted ?? object.fields.map((field) => field.name)
  const record = readRecords(engine, object.name, [id], fields, request.version).get(id.slice(0, 15))
  if (record === undefined) throw notFound()
  return jsonReply(record)
}

async function change(parts: OrgParts, request: ApiRequest, id: string): Promise<Reply> {
  checkUnmodified(parts, request, id)
  if (!isForm(request)) return update(parts, request, id, await readJsonObject(request))
  const object = findObject(parts, request)
  const form = await readBlobForm(parts.engine, object, request)
  writeForm(actAs(parts, request.session), object, 'update', { ...form, record: { ...form.record, Id: id } })
  return emptyReply()
}

/** REST guide, "Conditional Request Headers": the record's last change must not be after `If-Unmodified-Since`. */
function checkUnmodified({ engine }: OrgParts, request: ApiRequest, id: string): void {
  const since = request.headers['if-unmodified-since']
  if (since === undefined) return
  if (Number.isNaN(Date.parse(since))) throw new Refusal(400, 'INVALID_HEADER', `Invalid If-Unmodified-Since: ${since}`)
  const object = findObject({ engine }, request)
  const record = readRecords(engine, object.name, [id], ['LastModifiedDate'], request.version).get(id.slice(0, 15))
  const changed = Date.parse(String(record?.LastModifiedDate ?? '').replace(/\+0000$/, 'Z'))
  if (changed > Date.parse(since))
    throw new Refusal(412, 'PRECONDITION_FAILED', 'The record was changed after that time')
}

function update(parts: OrgParts, request: ApiRequest, id: string, body: JsonRecord): Reply {
  refuseId(body)
  writeOne(actAs(parts, request.session), findObject(parts, request), 'update', { ...body, Id: id })
  return emptyReply()
}

function remove(parts: OrgParts, request: ApiRequest, id: string): Reply {
  writeOne(actAs(parts, request.session), findObject(parts, request), 'delete', { Id: id })
  return emptyReply()
}

/** `…/Account/ERP_Id__c/A1` is a record by its key; `…/Attachment/00P…/Body` is the content of a field. */
function readByKeyOrBlob(parts: OrgParts, request: ApiRequest): Reply {
  const { field = '', value = '' } = request.params
  const object = findObject(parts, request)
  if (findField(object, field) !== undefined) return withIdByKey(parts, request, (id) => read(parts, request, id))
  const bytes = parts.engine.blob(object.name, field, value)
  if (bytes === undefined) throw notFound()
  return { status: 200, headers: { 'Content-Type': 'application/octetstream' }, body: streamOf(bytes) }
}

async function* streamOf(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces
}

function upsert(parts: OrgParts, request: ApiRequest, body: JsonRecord): Reply {
  const { field = '', value = '' } = request.params
  const object = findObject(parts, request)
  const key = findKey(object, field)
  if (key === 'Id') return update(parts, request, value, body)
  const found = findByField(parts.engine, object.name, key, value)
  if (found.length > 1) return manyReply(request, object, found)
  if (found.length === 0 && isUpdateOnly(request)) throw notFound()
  refuseId(body)
  refuseField(body, key)
  const record = { ...body, [key]: value }
  const { id, created } = writeOne(actAs(parts, request.session), object, 'upsert', record, { externalIdField: key })
  if (request.version <= 45 && !created) return emptyReply()
  return jsonReply({ id, success: true, errors: [], created }, created ? 201 : 200)
}

function manyReply({ version }: ApiRequest, { name }: ObjectDescription, ids: readonly string[]): Reply {
  return jsonReply(
    ids.map((id) => `/services/data/v${version}.0/sobjects/${name}/${id}`),
    300,
  )
}

/** With `updateOnly=true` an upsert inserts nothing. REST guide, "Insert or Update (Upsert) a Record Using an External ID". */
function isUpdateOnly({ version, query }: ApiRequest): boolean {
  return version >= 61 && query.get('updateOnly') === 'true'
}

/** Does something with the one record that has the key; where several have it, the answer is a list of them. */
function withIdByKey({ engine }: OrgParts, request: ApiRequest, act: (id: string) => Reply): Reply {
  const { field = '', value = '' } = request.params
  const object = findObject({ engine }, request)
  const [id, ...others] = findByField(engine, object.name, findKey(object, field), value)
  if (id === undefined) throw notFound()
  return others.length > 0 ? manyReply(request, object, [id, ...others]) : act(id)
}

function findKey(object: ObjectDescription, name: string): string {
  const field = findField(object, name)
  if (field !== undefined && isUpsertKey(field)) return field.name
  throw noSuchKey(name)
}

function noSuchKey(name: string): Refusal {
  return new Refusal(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${name}`)
}

/** Writes a record with a body that is in the org's file already. */
function writeForm(
  parts: OrgParts,
  object: ObjectDescription,
  operation: WriteOperation,
  { record, field, body }: BlobForm,
): WriteResult {
  try {
    // The column is needed, its cell is not: the body takes its place.
    return writeOne(parts, object, operation, { ...record, [field]: undefined }, { staged: { field, body } })
  } finally {
    parts.engine.dropStaged(body)
  }
}

function writeOne(
  { engine }: OrgParts,
  object: ObjectDescription,
  operation: WriteOperation,
  record: JsonRecord,
  more: Pick<WriteRequest, 'externalIdField' | 'staged'> = {},
): WriteResult {
  const request = toWriteRequest({ engine }, object, operation, [record])
  const [result] = engine.write({ ...request, ...more })
  if (result === undefined) throw new Error('The engine gave no answer for a row')
  if (result.error !== undefined) throw refusalOf(result.error)
  return result
}

/** A record that is not there is a 404 when it is the one in the path, which such an error then names no field of. */
function refusalOf({ statusCode, message, fields }: RowError): Refusal {
  const isAbsent = statusCode === 'ENTITY_IS_DELETED' || statusCode === 'INVALID_CROSS_REFERENCE_KEY'
  return new Refusal(isAbsent && fields.length === 0 ? 404 : 400, statusCode, message, fields)
}

function refuseId(body: JsonRecord): void {
  refuseField(body, 'Id')
}

/** What the path says of the record stands in the path alone. */
function refuseField(body: JsonRecord, field: string): void {
  if (!Object.keys(body).some((key) => key.toLowerCase() === field.toLowerCase())) return
  throw new Refusal(400, 'INVALID_FIELD', `The ${field} field should not be specified in the sobject data.`)
}

function findObject({ engine }: Pick<OrgParts, 'engine'>, { params }: ApiRequest): ObjectDescription {
  const object = engine.describe(params.object ?? '')
  if (object === undefined) throw notFound()
  return object
}

function findField(object: ObjectDescription, name: string) {
  return object.fields.find((field) => field.name.toLowerCase() === name.toLowerCase())
}
