import type { OrgParts } from '../parts.ts'
import { type ApiRequest, readText, type Session } from './api-request.ts'
import { Refusal } from './refusal.ts'
import type { Reply } from './reply.ts'
import { type Route, servedVersions } from './router.ts'
import type { SoapCall, SoapOperation } from './soap-call.ts'
import { describeOperations } from './soap-describe.ts'
import { describeUser, invalidLogin, logIn } from './soap-login.ts'
import { queryOperations } from './soap-queries.ts'
import { replicationOperations } from './soap-replication.ts'
import { soapFault, soapReply } from './soap-reply.ts'
import { writeOperations } from './soap-writes.ts'
import { findChild, parseXml, type XmlElement } from './soap-xml.ts'
import { actAs, userOf } from './users.ts'

/** The Partner API: one address, the call in the body. SOAP guide; protocol notes, section 5. */
export function soapRoutes(parts: OrgParts): readonly Route[] {
  const handle = async (request: ApiRequest): Promise<Reply> => {
    try {
      return await answerCall(parts, request)
    } catch (error) {
      return soapFault(error)
    }
  }
  return [
    { method: 'POST', path: '/services/Soap/u/:number', session: 'body', handle },
    { method: 'POST', path: '/services/Soap/u/:number/:organization', session: 'body', handle },
  ]
}

const operations: Readonly<Record<string, SoapOperation>> = {
  ...writeOperations,
  ...queryOperations,
  ...describeOperations,
  ...replicationOperations,
  getUserInfo: ({ parts, session }) => `<result>${describeUser(parts, userOf(parts, session))}</result>`,
  logout: ({ parts, session }) => {
    parts.sessions.end(session.token)
    return ''
  },
}

/** The request of a login holds no more than this. */
const largestLogin = 10 * 1024

async function answerCall(parts: OrgParts, request: ApiRequest): Promise<Reply> {
  const version = Number(request.params.number)
  const { oldest, newest } = servedVersions
  if (!/^\d+(\.0)?$/.test(request.params.number ?? '') || version < oldest || version > newest) {
    throw new Refusal(500, 'UNSUPPORTED_API_VERSION', 'Invalid Api version specified on URL')
  }
  if (request.headers.soapaction === undefined) {
    throw new Refusal(500, 'UNKNOWN_EXCEPTION', 'SOAPAction HTTP header missing')
  }
  const text = await readText(request)
  const { header, call } = openEnvelope(text)
  if (call.name === 'login') {
    if (text.length > largestLogin) throw invalidLogin()
    return soapReply('loginResponse', logIn(parts, version, call))
  }
  const operation = Object.hasOwn(operations, call.name) ? operations[call.name] : undefined
  if (operation === undefined) {
    throw new Refusal(500, 'INVALID_OPERATION', `No operation available for request ${call.name}`)
  }
  const session = findSession(parts, request, version, header)
  // The end of a session is no use of the API.
  if (call.name !== 'logout') request.count()
  const content = operation({ parts: actAs(parts, session), version, session, call, header: readerOf(header) })
  const { usage, options } = parts
  const dayUse = { used: usage.used('apiRequests'), limit: options.dailyApiRequests }
  return soapReply(`${call.name}Response`, content, dayUse)
}

function openEnvelope(text: string): { readonly header: XmlElement | undefined; readonly call: XmlElement } {
  const envelope = parseXml(text)
  const call = envelope?.name === 'Envelope' ? findChild(envelope, 'Body')?.children[0] : undefined
  if (envelope === undefined || call === undefined) {
    throw new Refusal(500, 'XML_PARSER_ERROR', 'The envelope is not well-formed')
  }
  return { header: findChild(envelope, 'Header'), call }
}

/** Access tokens in the form of a JWT are refused before this version. */
const firstVersionWithJwt = 67

function findSession(
  { sessions }: OrgParts,
  request: ApiRequest,
  version: number,
  header: XmlElement | undefined,
): Session {
  const token = readerOf(header)('SessionHeader', 'sessionId') ?? ''
  if (request.sessionExpired) sessions.end(token)
  const isJwt = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)
  const session = isJwt && version < firstVersionWithJwt ? undefined : sessions.find(token)
  if (session !== undefined) return session
  throw new Refusal(500, 'INVALID_SESSION_ID', 'Invalid Session ID found in SessionHeader: Illegal Session')
}

function readerOf(header: XmlElement | undefined): SoapCall['header'] {
  return (name, field) => {
    const element = header && findChild(header, name)
    return element && findChild(element, field)?.text.trim()
  }
}
