import { Readable } from 'node:stream'
import { type CallLimits, callLimitReached, countCallsLeft } from './budget.ts'
import { type CallObserver, type CallTools, call, readWhole } from './call.ts'
import { ForeignAnswerError } from './cut-answer.ts'
import { describeObject } from './describe.ts'
import type { DescribeCache } from './describe-cache.ts'
import { createDescriptions } from './descriptions.ts'
import type { HttpAnswer } from './http.ts'
import { isJsonWebToken } from './json-web-token.ts'
import { NetworkError } from './network-error.ts'
import type { Org, OrgRequest, OrgResponse, Usage } from './org.ts'
import { isSessionExpired, type RetryTools, withRetries } from './retry.ts'
import { mostRenewals } from './retry-table.ts'
import { keepSession, refusedAtOnce, type Session } from './session.ts'
import { isReadWhole, refuseCut } from './whole-answer.ts'

/** A connection as the login left it. */
export interface Connection {
  readonly name: string
  readonly username: string | undefined
  readonly isProtected?: boolean | undefined
  readonly apiVersion: string
  readonly session: Session
  /** Logs in again; undefined where the session cannot be renewed. */
  readonly logIn: (() => Promise<Session>) | undefined
  readonly callLimits?: CallLimits | undefined
  readonly describeCache?: DescribeCache | undefined
}

export type OrgTools = CallTools & RetryTools

/** The org behind a connection: requests with session, retries and counts. See `Org` for what it throws. */
export function createOrg(connection: Connection, tools: OrgTools): Org {
  const usage: Usage = { apiCalls: 0, bytesSent: 0, bytesReceived: 0 }
  const sessions = keepSession(connection.session, connection.logIn)
  const limits = connection.callLimits ?? {}
  const descriptions = createDescriptions((object) => describeObject(org, object), connection.describeCache)
  let onTheWay = 0

  const org: Org = {
    name: connection.name,
    username: connection.username,
    isProtected: connection.isProtected === true,
    apiVersion: connection.apiVersion,
    usage,
    cacheFolder: connection.describeCache?.folder,
    get instanceUrl() {
      return sessions.current().instanceUrl
    },
    send: (request) => {
      const repeatable = request.repeatable ?? !['POST', 'PATCH'].includes(request.method)
      return withRetries(() => sendWithSession(request), { repeatable, signal: request.signal }, tools)
    },
    callLimits: limits,
    callsLeft: () => countCallsLeft(limits, usage) - onTheWay,
    get soapTakesSession() {
      return Number.parseFloat(connection.apiVersion) >= 67 || !isJsonWebToken(sessions.current().accessToken)
    },
    describe: descriptions.describe,
    forgetDescription: descriptions.forget,
    close: async () => tools.http.close(),
  }
  return org

  async function sendWithSession(request: OrgRequest): Promise<OrgResponse> {
    let session = sessions.current()
    for (let renewals = 0; ; renewals++) {
      try {
        const response = await sendOnce(request, session)
        sessions.accept(session)
        return response
      } catch (error) {
        if (!isSessionExpired(error)) throw error
        if (renewals === mostRenewals) throw refusedAtOnce(error)
        session = await sessions.renew(session, error)
      }
    }
  }

  async function sendOnce(request: OrgRequest, session: Session): Promise<OrgResponse> {
    const url = resolvePath(request.path, session.instanceUrl, connection.apiVersion)
    if (org.callsLeft() < 1) throw callLimitReached(limits, usage, 'nothing more is asked of the org')
    onTheWay++
    const answer = await call(
      {
        method: request.method,
        url,
        headers: { ...authorization(url, session), ...request.headers },
        body: typeof request.body === 'function' ? request.body(session.accessToken) : request.body,
        signal: request.signal,
      },
      tools,
      countInto(usage, url),
    ).finally(() => {
      onTheWay--
    })
    return toResponse(answer, url)
  }
}

/** Absolute, or below the version's folder: either way on the instance. */
function resolvePath(path: string, instanceUrl: string, apiVersion: string): URL {
  const absolute = path.startsWith('/services') ? path : `/services/data/v${apiVersion}/${path.replace(/^\//, '')}`
  return new URL(`${instanceUrl}${absolute}`)
}

/** Bulk API 1.0 has a header of its own; SOAP finds the session in the envelope. */
function authorization(url: URL, session: Session): Record<string, string> {
  if (url.pathname.startsWith('/services/async/')) return { 'x-sfdc-session': session.accessToken }
  if (url.pathname.startsWith('/services/Soap/')) return {}
  return { authorization: `Bearer ${session.accessToken}` }
}

function countInto(usage: Usage, url: URL): CallObserver {
  const isCounted = !freeOfCharge.test(url.pathname)
  return {
    answered: (answer) => {
      if (isCounted) usage.apiCalls += 1
      readLimitInfo(answer.headers['sforce-limit-info'], usage)
      const told = Date.parse(answer.headers.date ?? '')
      if (!Number.isNaN(told)) usage.orgClock = told
      answer.body.once('close', () => {
        usage.bytesSent += answer.bytesSent()
        usage.bytesReceived += answer.bytesReceived()
      })
    },
    failed: (error) => {
      const hasArrived = !(error instanceof NetworkError) || error.mayHaveArrived
      if (isCounted && hasArrived) usage.apiCalls += 1
    },
  }
}

/** Tokens and the list of versions. Source: Bulk API guide, "Limits"; REST guide, "List Available REST API Versions". */
const freeOfCharge = /^\/services\/(data\/?$|oauth2\/)/

/** `api-usage=10018/100000; per-app-api-usage=…`. Source: REST guide, "Limit Info Header". */
function readLimitInfo(header: string | undefined, usage: Usage): void {
  const [, used, max] = /(?:^|[^-\w])api-usage=(\d+)\/(\d+)/.exec(header ?? '') ?? []
  if (used !== undefined && max !== undefined) {
    usage.orgCalls = { used: Number(used), max: Number(max), told: usage.apiCalls }
  }
}

/**
 * JSON and XML are read whole, so that one that broke off on the way is asked for again like any lost answer. CSV and
 * binary bodies, of any size, are streamed.
 */
async function toResponse(answer: HttpAnswer, url: URL): Promise<OrgResponse> {
  const { status, headers } = answer
  const contentType = headers['content-type'] ?? ''
  const whole = isReadWhole(contentType) ? await readWhole(answer.body) : undefined
  if (whole !== undefined) refuseCut(whole.toString(), contentType, url)
  const body = whole === undefined ? answer.body : Readable.from([whole], { objectMode: false })
  const text = async () => (whole ?? (await readWhole(body))).toString()
  return { status, headers, body, text, json: async <T>() => parseJson<T>(await text(), url) }
}

function parseJson<T>(text: string, url: URL): T {
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw new ForeignAnswerError(`${url.host} answered ${url.pathname}`, cause)
  }
}
