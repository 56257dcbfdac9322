import { ApiError } from '../errors.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/** A change that is to be made only where the record has not been changed since. */
export interface ConditionalChange {
  readonly id: string
  /** When it was changed last, by the org's clock. */
  readonly stamp: string
  readonly fields: Readonly<Record<string, string | number | boolean | null>>
}

export interface ConditionalAnswer {
  /** 412: the record was changed since. */
  readonly status: number
  readonly error: { readonly code: string; readonly message: string; readonly fields: readonly string[] } | undefined
}

/** Source: REST guide, "Composite": 25 requests in a call, each with headers of its own. */
export const mostConditional = 25

/**
 * Sends changes in one call; the answers come in their order. A condition is a time in whole seconds, in
 * `If-Unmodified-Since`. Source: REST guide, "Conditional Request Headers", "Composite Subrequest". Records keep their owner: by
 * REST an assignment rule would otherwise give them another.
 *
 * Throws `ApiError` when the call is refused as a whole, and without a second try what leaves it open whether it was carried out.
 */
export async function sendConditional(
  tools: Pick<SyncTools, 'org' | 'signal'>,
  object: SyncObject,
  changes: readonly ConditionalChange[],
): Promise<readonly ConditionalAnswer[]> {
  const [only, ...others] = changes
  if (only === undefined) return []
  return others.length === 0 ? [await sendOne(tools, object, only)] : await sendTogether(tools, object, changes)
}

async function sendOne(
  { org, signal }: Pick<SyncTools, 'org' | 'signal'>,
  object: SyncObject,
  { id, stamp, fields }: ConditionalChange,
): Promise<ConditionalAnswer> {
  try {
    await org.send({
      method: 'PATCH',
      path: `sobjects/${object.name}/${id}`,
      headers: { 'content-type': 'application/json', ...conditions(stamp) },
      body: JSON.stringify(fields),
      repeatable: false,
      signal,
    })
    return { status: 204, error: undefined }
  } catch (error) {
    if (!(error instanceof ApiError) || !answered.has(error.status)) throw error
    const { status, errorCode: code } = error
    // The error's own sentence begins with the code.
    const message = error.message.replace(`${code}: `, '')
    return { status, error: { code, message, fields: [] } }
  }
}

/** Refused, gone, condition not met. */
const answered: ReadonlySet<number> = new Set([400, 404, 412])

async function sendTogether(
  { org, signal }: Pick<SyncTools, 'org' | 'signal'>,
  object: SyncObject,
  changes: readonly ConditionalChange[],
): Promise<readonly ConditionalAnswer[]> {
  const compositeRequest = changes.map(({ id, stamp, fields }, index) => ({
    method: 'PATCH',
    url: `/services/data/v${org.apiVersion}/sobjects/${object.name}/${id}`,
    referenceId: `row${index}`,
    httpHeaders: conditions(stamp),
    body: fields,
  }))
  const response = await org.send({
    method: 'POST',
    path: 'composite',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ allOrNone: false, compositeRequest }),
    repeatable: false,
    signal,
  })
  const { compositeResponse } = await response.json<CompositeAnswer>()
  const answers = new Map(compositeResponse.map((answer) => [answer.referenceId, answer]))
  return changes.map((_, index) => {
    const { httpStatusCode: status = 500, body } = answers.get(`row${index}`) ?? {}
    const [error] = Array.isArray(body) ? body : []
    if (error === undefined) return { status, error }
    return { status, error: { code: error.errorCode, message: error.message, fields: error.fields ?? [] } }
  })
}

interface CompositeAnswer {
  readonly compositeResponse: readonly {
    readonly referenceId: string
    readonly httpStatusCode: number
    readonly body: readonly SubrequestError[] | null
  }[]
}

interface SubrequestError {
  readonly errorCode: string
  readonly message: string
  readonly fields?: readonly string[]
}

function conditions(stamp: string): Readonly<Record<string, string>> {
  return { 'if-unmodified-since': new Date(stamp).toUTCString(), 'sforce-auto-assign': 'FALSE' }
}
