import { XMLParser } from 'fast-xml-parser'
import type { OrgParts } from '../parts.ts'
import { type ApiRequest, isObject, readText } from './api-request.ts'
import type { Reply } from './reply.ts'
import type { Route } from './router.ts'
import { escapeXml, soapFault, soapReply } from './soap-reply.ts'

/** SOAP `login()` and `logout()`. `login()` is gone from API 65.0 on. SOAP guide, "login()". */
export function soapLoginRoutes(parts: OrgParts): readonly Route[] {
  const handle = (request: ApiRequest) => answerCall(parts, request)
  return [
    { method: 'POST', path: '/services/Soap/u/:number', session: false, handle },
    { method: 'POST', path: '/services/Soap/u/:number/:organization', session: false, handle },
  ]
}

/** Prefixes are dropped, values stay text. Documents with a DOCTYPE are refused before they get here. */
const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false, trimValues: false, ignoreAttributes: true })

/** The request of a login holds no more than this. */
const largestLogin = 10 * 1024

const firstVersionWithoutLogin = 65

async function answerCall(parts: OrgParts, request: ApiRequest): Promise<Reply> {
  const version = Number(request.params.number)
  if (!/^\d+(\.0)?$/.test(request.params.number ?? '') || version < 31 || version > 66) {
    return soapFault('UNSUPPORTED_API_VERSION', 'Invalid Api version specified on URL', 'UnexpectedErrorFault')
  }
  if (request.headers.soapaction === undefined) {
    return soapFault('UNKNOWN_EXCEPTION', 'SOAPAction HTTP header missing', 'UnexpectedErrorFault')
  }
  const text = await readText(request)
  const envelope = /<!DOCTYPE/i.test(text) ? undefined : parseEnvelope(text)
  if (envelope === undefined)
    return soapFault('XML_PARSER_ERROR', 'The envelope is not well-formed', 'UnexpectedErrorFault')
  if (isObject(envelope.body.login)) {
    if (text.length > largestLogin) return invalidLogin()
    return logIn(parts, version, envelope.body.login)
  }
  if ('logout' in envelope.body) return logOut(parts, envelope.header)
  const call = Object.keys(envelope.body)[0] ?? ''
  return soapFault('INVALID_OPERATION', `No operation available for request ${call}`, 'UnexpectedErrorFault')
}

function logIn(parts: OrgParts, version: number, login: Readonly<Record<string, unknown>>): Reply {
  if (version >= firstVersionWithoutLogin) {
    const message = `The SOAP Login operation is not available in the API version specified (${version}.0).`
    return soapFault('INVALID_OPERATION', message, 'UnexpectedErrorFault')
  }
  const { settings, user } = parts
  const password = String(login.password ?? '')
  if (String(login.username ?? '') !== user.username) return invalidLogin()
  if (password === settings.password) {
    return soapFault(
      'LOGIN_MUST_USE_SECURITY_TOKEN',
      'Invalid username, password, security token; or user locked out. Add the security token to the password.',
      'LoginFault',
    )
  }
  if (password !== settings.password + settings.securityToken) return invalidLogin()
  return loginReply(parts, version)
}

function invalidLogin(): Reply {
  return soapFault('INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.', 'LoginFault')
}

function loginReply({ sessions, user, organizationId, url }: OrgParts, version: number): Reply {
  const { token } = sessions.open(user.id)
  const place = `${version}.0/${organizationId.slice(0, 15)}`
  return soapReply(
    'loginResponse',
    '<result>' +
      `<metadataServerUrl>${url()}/services/Soap/m/${place}</metadataServerUrl>` +
      '<passwordExpired>false</passwordExpired><sandbox>false</sandbox>' +
      `<serverUrl>${url()}/services/Soap/u/${place}</serverUrl>` +
      `<sessionId>${token}</sessionId><userId>${user.id}</userId>` +
      '<userInfo><accessibilityMode>false</accessibilityMode><currencySymbol>€</currencySymbol>' +
      '<orgAttachmentFileSizeLimit>26214400</orgAttachmentFileSizeLimit>' +
      '<orgDefaultCurrencyIsoCode>EUR</orgDefaultCurrencyIsoCode>' +
      `<organizationId>${organizationId}</organizationId><organizationName>Local Org</organizationName>` +
      '<profileId xsi:nil="true"/><roleId xsi:nil="true"/><sessionSecondsValid>7200</sessionSecondsValid>' +
      `<userEmail>${escapeXml(user.username)}</userEmail><userFullName>Local Administrator</userFullName>` +
      `<userId>${user.id}</userId><userLanguage>en_US</userLanguage><userLocale>en_US</userLocale>` +
      `<userName>${escapeXml(user.username)}</userName><userTimeZone>GMT</userTimeZone>` +
      '<userType>Standard</userType></userInfo></result>',
  )
}

function logOut({ sessions }: OrgParts, header: Readonly<Record<string, unknown>>): Reply {
  const sessionHeader = isObject(header.SessionHeader) ? header.SessionHeader : {}
  const token = String(sessionHeader.sessionId ?? '')
  if (sessions.find(token) === undefined) {
    const message = 'Invalid Session ID found in SessionHeader: Illegal Session'
    return soapFault('INVALID_SESSION_ID', message, 'UnexpectedErrorFault')
  }
  sessions.end(token)
  return soapReply('logoutResponse', '')
}

function parseEnvelope(text: string): Record<'header' | 'body', Readonly<Record<string, unknown>>> | undefined {
  let document: unknown
  try {
    document = parser.parse(text, true)
  } catch {
    return undefined
  }
  const envelope = isObject(document) && isObject(document.Envelope) ? document.Envelope : {}
  if (!isObject(envelope.Body)) return undefined
  return { header: isObject(envelope.Header) ? envelope.Header : {}, body: envelope.Body }
}
