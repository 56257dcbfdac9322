import { EngineError } from '../engine.ts'
import { Refusal } from './refusal.ts'
import type { Reply } from './reply.ts'
import { escapeXml } from './soap-xml.ts'

const envelope =
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
const instanceSpace = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
const partnerSpaces = 'xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:sobject.partner.soap.sforce.com"'

/** What every answer of a counted call says of the day's calls. */
export interface CallUsage {
  readonly used: number
  readonly limit: number
}

/** The answer of a call: `content` is the XML inside its response element. */
export function soapReply(element: string, content: string, usage?: CallUsage): Reply {
  const header = usage === undefined ? '' : `<soapenv:Header>${limitHeader(usage)}</soapenv:Header>`
  const body = `<soapenv:Body><${element}>${content}</${element}></soapenv:Body>`
  return xmlReply(200, `${partnerSpaces} ${instanceSpace}>${header}${body}`)
}

/**
 * The fault for anything that a call throws: always HTTP 500. A code with a prefix of its own, such as
 * `soapenv:Client`, is a fault of the envelope and comes without detail.
 */
export function soapFault(error: unknown): Reply {
  const { code, message } = describeError(error)
  const text = escapeXml(message)
  if (code.includes(':')) return faultReply(`<faultcode>${code}</faultcode><faultstring>${text}</faultstring>`)
  const type = faultTypes[code] ?? 'UnexpectedErrorFault'
  const place = placedFaults.has(type) ? placeOf(message) : ''
  const detail =
    `<sf:${type} xsi:type="sf:${type}"><sf:exceptionCode>${code}</sf:exceptionCode>` +
    `<sf:exceptionMessage>${text}</sf:exceptionMessage>${place}</sf:${type}>`
  return faultReply(
    `<faultcode>sf:${code}</faultcode><faultstring>${code}: ${text}</faultstring><detail>${detail}</detail>`,
  )
}

const faultTypes: Readonly<Record<string, string>> = {
  INVALID_LOGIN: 'LoginFault',
  LOGIN_MUST_USE_SECURITY_TOKEN: 'LoginFault',
  INVALID_FIELD: 'InvalidFieldFault',
  INVALID_TYPE: 'InvalidSObjectFault',
  MALFORMED_QUERY: 'MalformedQueryFault',
  MALFORMED_ID: 'InvalidIdFault',
  INVALID_QUERY_LOCATOR: 'InvalidQueryLocatorFault',
}

/** Faults of a query say where in it they are; -1 for nowhere. */
const placedFaults = new Set(['InvalidFieldFault', 'InvalidSObjectFault', 'MalformedQueryFault'])

function placeOf(message: string): string {
  const [, row = '-1', column = '-1'] = /ERROR at Row:(\d+):Column:(\d+)/.exec(message) ?? []
  return `<sf:row>${row}</sf:row><sf:column>${column}</sf:column>`
}

function describeError(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof Refusal) {
    if (error.errorCode !== 'REQUEST_TOO_LARGE') return { code: error.errorCode, message: error.message }
    const message = 'Maximum size of request reached. Maximum size of request is 52428800 bytes.'
    return { code: 'EXCEEDED_MAX_SIZE_REQUEST', message }
  }
  if (error instanceof EngineError) {
    // What REST calls not found in a path, the key of an upsert, is a wrong field here.
    return { code: error.code === 'NOT_FOUND' ? 'INVALID_FIELD' : error.code, message: error.message }
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'UNKNOWN_EXCEPTION', message: `An unexpected error occurred. ${text}` }
}

function faultReply(fault: string): Reply {
  const body = `<soapenv:Body><soapenv:Fault>${fault}</soapenv:Fault></soapenv:Body>`
  return xmlReply(500, `xmlns:sf="urn:fault.partner.soap.sforce.com" ${instanceSpace}>${body}`)
}

function xmlReply(status: number, rest: string): Reply {
  const headers = { 'Content-Type': 'text/xml;charset=UTF-8' }
  return { status, headers, body: `${envelope} ${rest}</soapenv:Envelope>` }
}

function limitHeader({ used, limit }: CallUsage): string {
  return `<LimitInfoHeader><limitInfo><current>${used}</current><limit>${limit}</limit><type>API REQUESTS</type></limitInfo></LimitInfoHeader>`
}
