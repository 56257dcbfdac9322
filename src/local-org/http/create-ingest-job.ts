import { isUpsertKey, type ObjectDescription } from '../../org/object-description.ts'
import { normalizeId } from '../../values/record-id.ts'
import { columnDelimiters, type Job, lineEndings, type NewJob } from '../jobs/job.ts'
import type { OrgParts } from '../parts.ts'
import { type ApiRequest, isObject, parseJson } from './api-request.ts'
import { readChoice, readKey, readText, refuseUnknownKeys } from './job-body.ts'
import type { FormPart } from './multipart.ts'
import { Refusal } from './refusal.ts'

const operations = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const

const knownKeys = [
  'object',
  'operation',
  'externalIdFieldName',
  'contentType',
  'columnDelimiter',
  'lineEnding',
] as const

/** First version whose jobs name an assignment rule, and the objects that have such rules. */
const rulesSince = 49
const objectsWithRules = new Set(['Account', 'Case', 'Lead'])

/** Characters of CSV that a job may bring with it. */
const largestContent = 100_000

/** Creates an open job from the body of a request. Throws refusals in the service's words. */
export function createIngestJob(
  parts: OrgParts,
  request: Pick<ApiRequest, 'version' | 'session'>,
  body: Readonly<Record<string, unknown>>,
): Job {
  return parts.jobs.create({
    ...readNewJob(parts, request.version, body),
    apiVersion: request.version,
    createdBy: request.session.userId,
  })
}

/** Creates a job from a form of two parts, the job and its content. Such a job is closed from the beginning. */
export async function createMultipartJob(
  parts: OrgParts,
  request: Pick<ApiRequest, 'version' | 'session'>,
  form: readonly FormPart[],
): Promise<Job> {
  const description = form.find((part) => part.name === 'job')
  const content = form.find((part) => part.name === 'content')
  if (description === undefined || content === undefined || form.length !== 2) {
    throw new Refusal(400, 'INVALIDJOB', 'InvalidJob : A multipart job has the parts "job" and "content"')
  }
  for (const [part, expected] of [
    [description, 'application/json'],
    [content, 'text/csv'],
  ] as const) {
    if (part.contentType.split(';')[0]?.trim().toLowerCase() === expected) continue
    throw new Refusal(400, 'INVALIDJOB', `InvalidJob : The part "${part.name}" is ${expected}`)
  }
  const body = parseJson(description.body.toString('utf8'))
  if (!isObject(body)) throw new Refusal(400, 'JSON_PARSER_ERROR', 'A JSON object was expected in the part "job"')
  const newJob = readNewJob(parts, request.version, body)
  const text = content.body.toString('utf8')
  if (text.length > largestContent) {
    throw new Refusal(400, 'INVALIDJOB', `InvalidJob : The content is longer than ${largestContent} characters`)
  }
  const job = parts.jobs.create({ ...newJob, apiVersion: request.version, createdBy: request.session.userId })
  parts.jobs.setUpload(job.id, await parts.uploads.store(job.id, once(content.body), content.body.length))
  parts.jobs.changeState(job.id, ['Open'], 'UploadComplete')
  return parts.jobs.find('ingest', job.id) ?? job
}

function readNewJob(
  parts: OrgParts,
  version: number,
  body: Readonly<Record<string, unknown>>,
): Omit<NewJob, 'apiVersion' | 'createdBy'> {
  refuseUnknownKeys(body, version < rulesSince ? knownKeys : [...knownKeys, 'assignmentRuleId'])
  const name = readText(body, 'object')
  if (name === undefined) throw new Refusal(400, 'INVALIDJOB', 'InvalidJob : No object was specified')
  const operation = readChoice(body, 'operation', operations)
  if (operation === undefined) throw new Refusal(400, 'INVALIDJOB', 'InvalidJob : No operation was specified')
  readChoice(body, 'contentType', ['CSV'])
  const description = parts.engine.describe(name)
  if (description === undefined) {
    throw new Refusal(400, 'INVALIDENTITY', `Entity '${name}' is not supported by the Bulk API.`)
  }
  checkPermission(parts, description, operation)
  const externalIdField = readText(body, 'externalIdFieldName')
  return {
    kind: 'ingest',
    operation,
    object: description.name,
    externalIdField: readExternalId(description, operation, externalIdField),
    assignmentRuleId: readAssignmentRule(description, readText(body, 'assignmentRuleId')),
    query: '',
    columnDelimiter: readKey(body, 'columnDelimiter', columnDelimiters) ?? 'COMMA',
    lineEnding: readKey(body, 'lineEnding', lineEndings) ?? 'LF',
    state: 'Open',
  }
}

function checkPermission(
  { options }: OrgParts,
  object: ObjectDescription,
  operation: (typeof operations)[number],
): void {
  if (operation === 'hardDelete' && !options.hardDelete) {
    const message =
      'hardDelete operation requires special user profile permission, please contact your system administrator'
    throw new Refusal(400, 'FEATURENOTENABLED', message)
  }
  const isAllowed = {
    insert: object.createable,
    update: object.updateable,
    upsert: object.createable && object.updateable,
    delete: object.deletable,
    hardDelete: object.deletable,
  }[operation]
  if (!isAllowed) throw new Refusal(400, 'INVALIDENTITY', `Entity '${object.name}' is not supported by the Bulk API.`)
}

/** Which rules there are is not known here: the Id of one is taken on trust. */
function readAssignmentRule(object: ObjectDescription, rule: string | undefined): string {
  if (rule === undefined || rule === '') return ''
  if (!objectsWithRules.has(object.name)) {
    throw new Refusal(400, 'INVALIDJOB', `InvalidJob : Assignment rules are not supported for ${object.name}`)
  }
  if (normalizeId(rule)?.startsWith('01Q') !== true) {
    throw new Refusal(400, 'INVALIDJOB', `InvalidJob : Invalid assignment rule id: ${rule}`)
  }
  return rule
}

function readExternalId(object: ObjectDescription, operation: string, name: string | undefined): string {
  if (operation !== 'upsert') {
    if (name === undefined) return ''
    throw new Refusal(400, 'INVALIDJOB', `InvalidJob : An External ID cannot be specified for ${operation}`)
  }
  if (name === undefined || name === '') {
    const message = `External ID was blank for ${object.name}. An External ID must be specified for upsert.`
    throw new Refusal(400, 'INVALIDJOB', `InvalidJob : ${message}`)
  }
  const field = object.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  if (field !== undefined && isUpsertKey(field)) return field.name
  const message = `Field name provided, ${name} does not match an External ID, Salesforce Id, or indexed field for ${object.name}`
  throw new Refusal(400, 'INVALIDJOB', `InvalidJob : ${message}`)
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
