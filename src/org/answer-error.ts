import { ApiError } from '../errors.ts'
import type { ExitName } from '../exit-codes.ts'

/** What came back instead of an answer: status 400 and above. */
export interface RefusedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  /** For messages: the host that answered. */
  readonly host: string
}

/** An `ApiError` as it came over HTTP, with what a decision about another try needs. */
export class AnswerError extends ApiError {
  /** The `Retry-After` header as it came. */
  readonly retryAfter: string | undefined
  readonly isEmpty: boolean

  constructor(exit: ExitName, answer: RefusedAnswer, code: string, message: string, hint: string | undefined) {
    super(exit, answer.status, code, message, { hint })
    this.name = 'ApiError'
    this.retryAfter = answer.headers['retry-after']
    this.isEmpty = answer.text.trim() === ''
  }
}

/**
 * Makes an error of whatever stands in the answer: Salesforce's JSON as an array or a single object, Bulk API 1.0's XML,
 * a SOAP fault, a web page of some machine on the way, or nothing. What is shown of it goes through `redact`.
 * Source: REST guide, "Status Codes and Error Responses".
 */
export function parseRefusal(answer: RefusedAnswer, redact: (text: string) => string): AnswerError {
  const said = parseJson(answer.text) ?? parseXml(answer.text)
  if (said !== undefined) {
    const meaning = meanings[said.code] ?? meaningByStatus(answer.status, said)
    return new AnswerError(meaning.exit, answer, said.code, redact(`${said.code}: ${said.message}`), meaning.hint)
  }
  const kind = /<html|<!doctype/i.test(answer.text) ? 'a web page instead of JSON' : plain(redact(answer.text))
  const hint = answer.status >= 500 ? serviceHint : undefined
  const meaning = meaningByStatus(answer.status)
  const message = `${answer.host} answered ${answer.status} with ${kind}`
  return new AnswerError(meaning.exit, answer, `HTTP_${answer.status}`, message, hint ?? meaning.hint)
}

interface Said {
  readonly code: string
  readonly message: string
}

interface Meaning {
  readonly exit: ExitName
  readonly hint?: string
}

const serviceHint = 'Salesforce may be in maintenance: status.salesforce.com shows it. Try again later.'
const permissionHint = 'An administrator of the org can give the permission to the user who logs in.'
const limitHint = 'The allocation is counted over 24 hours: go on later, or see `sfbulk limits`.'

/** Codes that mean the same in each request; everything else is for the caller to judge. */
const meanings: Readonly<Record<string, Meaning>> = {
  LIMIT_EXCEEDED: { exit: 'unfinished', hint: limitHint },
  EXCEEDEDQUOTA: { exit: 'unfinished', hint: limitHint },
  ExceededQuota: { exit: 'unfinished', hint: limitHint },
  INSUFFICIENT_ACCESS: { exit: 'denied', hint: permissionHint },
  INSUFFICIENT_ACCESS_OR_READONLY: { exit: 'denied', hint: permissionHint },
  FEATURENOTENABLED: { exit: 'denied', hint: permissionHint },
  FeatureNotEnabled: { exit: 'denied', hint: permissionHint },
  API_DISABLED_FOR_ORG: {
    exit: 'denied',
    hint: 'The edition of the org or the profile of the user has no API access ("API Enabled").',
  },
}

function meaningByStatus(status: number, said?: Said): Meaning {
  if (said?.code === 'REQUEST_LIMIT_EXCEEDED') {
    if (isDailyLimit(said.message)) return { exit: 'unfinished', hint: limitHint }
    return { exit: 'unfinished', hint: 'Too many requests ran at the same time in this org. Try again later.' }
  }
  if (status === 401) return { exit: 'denied', hint: 'Log in again, or get a new access token.' }
  if (status === 403) return { exit: 'denied', hint: permissionHint }
  if (status === 410) return { exit: 'failed', hint: 'Choose a newer version with --api-version.' }
  return { exit: 'failed' }
}

/** The limit of 24 hours, against that of requests running at once; the second passes by itself. */
export function isDailyLimit(message: string): boolean {
  return !/Concurrent/i.test(message)
}

function parseJson(text: string): Said | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const first: unknown = Array.isArray(value) ? value[0] : value
  if (typeof first !== 'object' || first === null) return undefined
  const { errorCode, error, exceptionCode, message, exceptionMessage, error_description } = first as Record<
    string,
    unknown
  >
  const code = [errorCode, exceptionCode, error].find((candidate) => typeof candidate === 'string' && candidate !== '')
  if (typeof code !== 'string') return undefined
  const sentence = [message, exceptionMessage, error_description].find((candidate) => typeof candidate === 'string')
  return { code, message: typeof sentence === 'string' ? sentence : '' }
}

function parseXml(text: string): Said | undefined {
  const code = xmlText(text, 'exceptionCode') ?? xmlText(text, 'faultcode')?.replace(/^\w+:/, '')
  if (code === undefined) return undefined
  const message = xmlText(text, 'exceptionMessage') ?? xmlText(text, 'faultstring') ?? ''
  return { code, message: message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message }
}

/** Text of the first element of that name, whatever its namespace prefix. */
function xmlText(xml: string, element: string): string | undefined {
  const found = new RegExp(`<(?:[\\w.-]+:)?${element}(?:\\s[^>]*)?>([^<]*)</`).exec(xml)?.[1]
  return found?.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16))
    return entities[String(name)] ?? whole
  })
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function plain(text: string): string {
  const line = text.trim().split(/\r?\n/, 1)[0] ?? ''
  return line === '' ? 'an empty body' : `"${line.length > 120 ? `${line.slice(0, 120)}…` : line}"`
}
