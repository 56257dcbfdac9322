import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../faults.ts'
import type { OrgParts } from '../parts.ts'
import type { ApiRequest, Session } from './api-request.ts'
import { authorise } from './authorise.ts'
import { Refusal } from './refusal.ts'
import { refusalReply } from './refusal-reply.ts'
import { jsonReply, type Reply } from './reply.ts'
import { type CompiledRoute, findRoute } from './router.ts'
import { isDamage } from './write-damaged.ts'
import { writeReply } from './write-reply.ts'

const nobody: Session = { token: '', userId: '' }

/** Answers each request: fault, route, session, daily limit, handler, in this order. */
export function createListener(parts: OrgParts, routes: readonly CompiledRoute[]): RequestListener {
  return (message, response) => {
    const report: CallReport = { counted: false, announced: false }
    response.on('close', () => {
      const status = response.headersSent ? response.statusCode : 0
      parts.options.onRequest?.({
        method: methodOf(message),
        path: message.url ?? '/',
        status,
        counted: report.counted,
      })
    })
    respond(parts, routes, message, response, report).catch(() => response.destroy())
  }
}

interface CallReport {
  /** Whether the call counts against the daily ones. */
  counted: boolean
  /** Whether the answer says in its headers how many are used; SOAP says it in the envelope. */
  announced: boolean
}

async function respond(
  parts: OrgParts,
  routes: readonly CompiledRoute[],
  message: IncomingMessage,
  response: ServerResponse,
  report: CallReport,
): Promise<void> {
  const pathAndQuery = message.url ?? '/'
  const isControl = pathAndQuery.startsWith('/local-org/')
  const fault = isControl ? undefined : parts.faults.take(methodOf(message), pathAndQuery)
  if (fault?.drop === 'before') return destroy(response)
  if (fault?.drop === 'during')
    return void message.once('data', () => destroy(response)).once('end', () => destroy(response))
  if (fault?.hang === 'before') return
  if (fault?.delayMs !== undefined) await delay(fault.delayMs, undefined, { ref: false })
  const reply = await answer(parts, routes, message, report, fault)
  if (fault?.drop === 'after') return destroy(response)
  if (fault?.hang === 'after') return
  const damage = fault && isDamage(fault) ? fault : undefined
  await writeReply(message, response, reply, { limitInfo: limitInfo(parts, report.announced), damage })
}

async function answer(
  parts: OrgParts,
  routes: readonly CompiledRoute[],
  message: IncomingMessage,
  report: CallReport,
  fault: Fault | undefined,
): Promise<Reply> {
  try {
    // The Salesforce CLI keeps an address with its last slash, so that its paths begin with two.
    const url = new URL((message.url ?? '/').replace(/^\/+/, '/'), 'http://localhost')
    const { route, params, version } = findRoute(routes, wantedMethod(message, url), url.pathname)
    let session = nobody
    const count = (): void => {
      report.counted = true
      countCall(parts)
    }
    if (route.session === undefined || route.session === true) {
      session = authorise(parts.sessions, message.headers.authorization)
      report.announced = true
      count()
    }
    const sessionExpired = fault?.sessionExpired === true
    if (sessionExpired && route.session !== 'body') {
      parts.sessions.end(session.token)
      throw new Refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
    }
    if (fault?.status !== undefined) return faultReply(fault, fault.status)
    return await route.handle({
      method: route.method,
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers as ApiRequest['headers'],
      params,
      version,
      session,
      sessionExpired,
      count,
      bytes: () => message,
    })
  } catch (error) {
    return refusalReply(error)
  }
}

function countCall({ usage, options }: OrgParts): void {
  if (usage.used('apiRequests') >= options.dailyApiRequests) {
    throw new Refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
  }
  usage.add('apiRequests', 1)
}

function limitInfo({ usage, options }: OrgParts, announced: boolean): string | undefined {
  return announced ? `api-usage=${usage.used('apiRequests')}/${options.dailyApiRequests}` : undefined
}

function faultReply(fault: Fault, status: number): Reply {
  if (typeof fault.body === 'string') {
    return { status, headers: { 'Content-Type': 'text/html;charset=UTF-8', ...fault.headers }, body: fault.body }
  }
  return fault.body === undefined
    ? { status, headers: { ...fault.headers } }
    : jsonReply(fault.body, status, fault.headers)
}

function destroy(response: ServerResponse): void {
  response.socket?.destroy()
}

/** Clients that cannot send PATCH send POST and say what they mean. */
function wantedMethod(message: IncomingMessage, url: URL): string {
  const method = methodOf(message)
  return (method === 'POST' ? url.searchParams.get('_HttpMethod') : null) ?? method
}

function methodOf(message: IncomingMessage): string {
  return message.method ?? 'GET'
}
