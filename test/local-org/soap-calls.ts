import { XMLParser } from 'fast-xml-parser'
import type { TestOrg } from '../support/org.ts'

/** The answer of a call: its status, its XML, and its results as plain objects. */
export interface SoapAnswer {
  readonly status: number
  readonly text: string
  /** Header of HTTP that REST has; null where there is none. */
  readonly limitInfo: string | null
  /** One for each `<result>`, prefixes dropped; text where there is nothing but text. */
  readonly results: readonly Record<string, unknown>[]
  /** `faultcode faultstring`; empty for an answer that is no fault. */
  readonly fault: string
}

export interface SoapOptions {
  readonly version?: string
  /** XML of further headers. */
  readonly header?: string
  readonly token?: string
  /** HTTP headers; `SOAPAction` is there unless it is given. */
  readonly headers?: Readonly<Record<string, string>>
  /** What is sent in place of the envelope's text. */
  readonly pack?: (envelope: string) => Uint8Array<ArrayBuffer>
}

/** Makes a call of the Partner API with the standing access token. `body` is the element of the call. */
export async function callSoap(org: TestOrg, body: string, options: SoapOptions = {}): Promise<SoapAnswer> {
  const { version = '66.0', header = '', token = org.accessToken, headers = {}, pack } = options
  const envelope =
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns="urn:partner.soap.sforce.com" xmlns:e="urn:sobject.partner.soap.sforce.com"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<s:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader>${header}</s:Header>` +
    `<s:Body>${body}</s:Body></s:Envelope>`
  const response = await fetch(`${org.url}/services/Soap/u/${version}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/xml; charset=UTF-8', SOAPAction: '""', ...headers },
    body: pack === undefined ? envelope : pack(envelope),
  })
  return { ...readAnswer(response.status, await response.text()), limitInfo: response.headers.get('sforce-limit-info') }
}

/** An sObject: `fields` as they stand, in their order. */
export function sObject(type: string, fields: Readonly<Record<string, string>>, nulls: readonly string[] = []): string {
  const emptied = nulls.map((name) => `<e:fieldsToNull>${name}</e:fieldsToNull>`).join('')
  const rest = Object.entries(fields).map(([name, value]) => `<e:${name}>${value}</e:${name}>`)
  return `<sObjects><e:type>${type}</e:type>${emptied}${rest.join('')}</sObjects>`
}

const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false, isArray: (name) => name === 'result' })

function readAnswer(status: number, text: string): Omit<SoapAnswer, 'limitInfo'> {
  const body = (parser.parse(text) as { Envelope: { Body: Record<string, Record<string, unknown>> } }).Envelope.Body
  const [content] = Object.values(body)
  const { faultcode, faultstring } = content ?? {}
  const results = (content?.result ?? []) as Record<string, unknown>[]
  return { status, text, results, fault: faultcode === undefined ? '' : `${faultcode} ${faultstring}` }
}
