import { type ApiRequest, isObject, readJsonObject } from './api-request.ts'
import { Refusal } from './refusal.ts'
import { refusalReply } from './refusal-reply.ts'
import { jsonReply, type Reply } from './reply.ts'
import { type CompiledRoute, findRoute, type Route } from './router.ts'

const mostSubrequests = 25

/** Of them, queries and calls for many records. */
const mostHeavy = 5
const isHeavy = /^\/services\/data\/v[\d.]+\/(?:query|queryAll|composite\/sobjects)\b/i

/**
 * Up to 25 requests in one call, answered one by one. REST guide, "Composite". What this org has not: `allOrNone`, and
 * references from one request to the answer of another; both are refused.
 *
 * @param resources what a request in it may ask for
 */
export function compositeRoutes(resources: readonly CompiledRoute[]): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/services/data/v:version/composite',
      since: 34,
      handle: async (request) => answerAll(resources, request, await readJsonObject(request)),
    },
  ]
}

async function answerAll(
  resources: readonly CompiledRoute[],
  request: ApiRequest,
  body: Readonly<Record<string, unknown>>,
): Promise<Reply> {
  const compositeResponse: unknown[] = []
  for (const subrequest of readSubrequests(body)) {
    const reply = await answer(resources, request, subrequest)
    const text = typeof reply.body === 'string' ? reply.body : ''
    const { 'Content-Type': _, ...httpHeaders } = reply.headers
    compositeResponse.push({
      body: text === '' ? null : JSON.parse(text),
      httpHeaders,
      httpStatusCode: reply.status,
      referenceId: subrequest.referenceId,
    })
  }
  return jsonReply({ compositeResponse })
}

interface Subrequest {
  readonly method: string
  readonly url: string
  readonly referenceId: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

function readSubrequests({ compositeRequest, allOrNone }: Readonly<Record<string, unknown>>): readonly Subrequest[] {
  if (!Array.isArray(compositeRequest)) throw parserError('A list was expected for "compositeRequest"')
  if (allOrNone === true) throw new Refusal(400, 'UNSUPPORTED_OPERATION', 'The local org does not know allOrNone here')
  if (compositeRequest.length > mostSubrequests) {
    const message = `Number of subrequests ${compositeRequest.length} exceeds the limit of ${mostSubrequests}`
    throw new Refusal(400, 'LIMIT_EXCEEDED', message)
  }
  const names = new Set<string>()
  const subrequests = compositeRequest.map((entry: unknown) => {
    const subrequest = readSubrequest(entry)
    if (names.has(subrequest.referenceId)) {
      throw new Refusal(400, 'INVALID_INPUT', `Duplicate referenceId: ${subrequest.referenceId}`)
    }
    names.add(subrequest.referenceId)
    return subrequest
  })
  if (subrequests.filter(({ url }) => isHeavy.test(url)).length > mostHeavy) {
    const message = `Number of query and sObject Collections subrequests exceeds the limit of ${mostHeavy}`
    throw new Refusal(400, 'LIMIT_EXCEEDED', message)
  }
  return subrequests
}

function readSubrequest(entry: unknown): Subrequest {
  if (!isObject(entry)) throw parserError('Subrequests are JSON objects')
  const { method, url, referenceId, httpHeaders = {}, body } = entry
  if (typeof method !== 'string' || typeof url !== 'string' || typeof referenceId !== 'string') {
    throw new Refusal(400, 'INVALID_INPUT', 'A subrequest has a method, a url and a referenceId')
  }
  if (!/^[A-Za-z]\w*$/.test(referenceId)) throw new Refusal(400, 'INVALID_INPUT', `Invalid referenceId: ${referenceId}`)
  if (/@\{/.test(JSON.stringify([url, body ?? null]))) {
    throw new Refusal(400, 'UNSUPPORTED_OPERATION', 'The local org does not know references between subrequests')
  }
  if (!isObject(httpHeaders)) throw parserError('A JSON object was expected for "httpHeaders"')
  const headers = Object.entries(httpHeaders).map(([name, value]) => [name.toLowerCase(), String(value)] as const)
  const own = headers.find(([name]) => ['accept', 'authorization', 'content-type'].includes(name))
  if (own !== undefined) throw new Refusal(400, 'INVALID_INPUT', `The header ${own[0]} is the same for all subrequests`)
  return { method, url, referenceId, headers: Object.fromEntries(headers), body }
}

async function answer(
  resources: readonly CompiledRoute[],
  request: ApiRequest,
  { method, url, headers, body }: Subrequest,
): Promise<Reply> {
  try {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const { route, params, version } = findRoute(resources, method, pathname)
    const bytes = Buffer.from(JSON.stringify(body ?? {}))
    return await route.handle({
      ...request,
      method,
      path: pathname,
      query: searchParams,
      headers: { ...headers, 'content-type': 'application/json' },
      params,
      version,
      bytes: () => pieces(bytes),
    })
  } catch (error) {
    return refusalReply(error)
  }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

function parserError(message: string): Refusal {
  return new Refusal(400, 'JSON_PARSER_ERROR', message)
}
