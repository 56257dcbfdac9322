import type { ObjectDescription } from '../../org/object-description.ts'
import type { Engine, StagedBody } from '../engine.ts'
import { type ApiRequest, isObject, parseJson } from './api-request.ts'
import { type FormEvent, readFormParts } from './form-parts.ts'
import type { JsonRecord } from './json-records.ts'
import { Refusal } from './refusal.ts'

/** A record with the body of one of its fields. */
export interface BlobForm {
  readonly record: JsonRecord
  readonly field: string
  readonly body: StagedBody
}

/** REST guide, "Insert or Update Blob Data". */
const largestBody = 2 * 1024 ** 3
const largestRecord = 1024 * 1024

export function isForm({ headers }: ApiRequest): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')
}

/**
 * Reads a form of two parts: the record as JSON, then the bytes of a binary field, which go to the org's file as they
 * come. Throws refusals for another form; nothing is kept of its bytes then. The caller drops the body when it is done.
 */
export async function readBlobForm(engine: Engine, object: ObjectDescription, request: ApiRequest): Promise<BlobForm> {
  const events = readFormParts(request.bytes(), request.headers['content-type'] ?? '')[Symbol.asyncIterator]()
  await expectPart(events)
  const { text, next } = await readRecord(events)
  const record = parseJson(text)
  if (!isObject(record)) throw invalid('The first part is not a JSON object')
  const field = object.fields.find(({ name, type }) => type === 'base64' && name === next)
  if (field === undefined)
    throw invalid(`The binary part is named ${next ?? '(none)'}, which is no binary field of ${object.name}`)
  return { record, field: field.name, body: await engine.stageBody(readBytes(events)) }
}

type Events = AsyncIterator<FormEvent>

async function expectPart(events: Events): Promise<void> {
  const { value, done } = await events.next()
  if (done === true || value.kind !== 'part') throw invalid('The form has no parts')
}

/** The text of the first part and the name of the second. */
async function readRecord(events: Events): Promise<{ readonly text: string; readonly next: string | undefined }> {
  const pieces: Buffer[] = []
  let size = 0
  for (let event = await events.next(); event.done !== true; event = await events.next()) {
    if (event.value.kind === 'part') return { text: Buffer.concat(pieces).toString('utf8'), next: event.value.name }
    size += event.value.bytes.length
    if (size > largestRecord) throw invalid('The record is larger than 1 MB')
    pieces.push(event.value.bytes)
  }
  return { text: Buffer.concat(pieces).toString('utf8'), next: undefined }
}

async function* readBytes(events: Events): AsyncGenerator<Buffer> {
  let size = 0
  for (let event = await events.next(); event.done !== true; event = await events.next()) {
    if (event.value.kind === 'part') throw invalid('The form has more than one binary part')
    size += event.value.bytes.length
    if (size > largestBody) throw new Refusal(413, 'REQUEST_TOO_LARGE', 'The file is larger than 2 GB')
    yield event.value.bytes
  }
}

function invalid(message: string): Refusal {
  return new Refusal(400, 'INVALID_MULTIPART_REQUEST', message)
}
