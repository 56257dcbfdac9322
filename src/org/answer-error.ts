import { ApiError } from '../errors.ts'
import { findRemedy } from './retry-table.ts'
import { readElement } from './xml-text.ts'

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
  /** The `Date` header as it came. */
  readonly date: string | undefined
  /** Whether it is a SOAP fault. */
  readonly isFault: boolean
  readonly isEmpty: boolean

  constructor(answer: RefusedAnswer, said: Said) {
    const { status, headers } = answer
    const { code, message, isFault = false } = said
    const isEmpty = answer.text.trim() === ''
    const remedy = findRemedy({ code, message, status, isFault, isEmpty })
    const { exit = 'failed', hint } = remedy.kind === 'renew' ? sessionOver : remedy
    super(exit, status, code, message, { hint })
    this.name = 'ApiError'
    this.retryAfter = headers['retry-after']
    this.date = headers.date
    this.isFault = isFault
    this.isEmpty = isEmpty
  }
}

const sessionOver = { exit: 'denied', hint: 'Log in again, or get a new access token.' } as const

/**
 * Makes an error of whatever stands in the answer: Salesforce's JSON as an array or a single object, Bulk API 1.0's XML,
 * a SOAP fault, a web page of some machine on the way, or nothing. What is shown of it goes through `redact`.
 * Source: REST guide, "Status Codes and Error Responses".
 */
export function parseRefusal(answer: RefusedAnswer, redact: (text: string) => string): AnswerError {
  const said = parseJson(answer.text) ?? parseXml(answer.text)
  if (said !== undefined) return new AnswerError(answer, { ...said, message: redact(`${said.code}: ${said.message}`) })
  const kind = /<html|<!doctype/i.test(answer.text) ? 'a web page instead of JSON' : plain(redact(answer.text))
  const message = `${answer.host} answered ${answer.status} with ${kind}`
  return new AnswerError(answer, { code: `HTTP_${answer.status}`, message })
}

interface Said {
  readonly code: string
  readonly message: string
  readonly isFault?: boolean
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
  const fault = readElement(text, 'faultcode')?.replace(/^\w+:/, '')
  const code = readElement(text, 'exceptionCode') ?? fault
  if (code === undefined) return undefined
  const message = readElement(text, 'exceptionMessage') ?? readElement(text, 'faultstring') ?? ''
  const isFault = fault !== undefined
  return { code, isFault, message: message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message }
}

function plain(text: string): string {
  const line = text.trim().split(/\r?\n/, 1)[0] ?? ''
  return line === '' ? 'an empty body' : `"${line.length > 120 ? `${line.slice(0, 120)}…` : line}"`
}
