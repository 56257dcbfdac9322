import { RunError } from '../errors.ts'
import { foreignAnswerHint } from '../org/cut-answer.ts'
import type { Org } from '../org/org.ts'
import { escapeXml, isTrue } from '../org/xml-text.ts'
import { renderEnvelope } from './envelope.ts'
import { childrenOf, childText, parseXml, type XmlNode } from './parse-xml.ts'

/** One page of an answer. Source: SOAP guide, "QueryResult". */
export interface SoapPage {
  readonly size: number
  readonly done: boolean
  /** For the page that follows; empty on the last. */
  readonly locator: string
  /** `sf:` elements: `type`, `Id` once or twice, and the fields selected. */
  readonly records: readonly XmlNode[]
}

/** The first page of a query; `all` counts deleted and archived rows as well. Throws what `Org.send` throws. */
export function startQuery(org: Org, soql: string, all: boolean, signal: AbortSignal): Promise<SoapPage> {
  const call = all ? 'queryAll' : 'query'
  return ask(org, call, `<${call}><queryString>${escapeXml(soql)}</queryString></${call}>`, signal)
}

/** The page behind a locator, of the query or of the children of one record. */
export function continueQuery(org: Org, locator: string, signal: AbortSignal): Promise<SoapPage> {
  const body = `<queryMore><queryLocator>${escapeXml(locator)}</queryLocator></queryMore>`
  return ask(org, 'queryMore', body, signal)
}

/** Reads an element that holds a page: the result of a call, or the children within a record. */
export function readPage(result: XmlNode): SoapPage {
  return {
    size: Number(childText(result, 'size')),
    done: isTrue(childText(result, 'done')),
    locator: childText(result, 'queryLocator'),
    records: childrenOf(result, 'records'),
  }
}

async function ask(org: Org, call: string, body: string, signal: AbortSignal): Promise<SoapPage> {
  const response = await org.send({
    method: 'POST',
    path: `/services/Soap/u/${org.apiVersion}`,
    headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
    body: (accessToken) => renderEnvelope(accessToken, '', body),
    repeatable: true,
    signal,
  })
  const [envelope] = childrenOf(parseXml(await response.text()), 'Envelope')
  const [content] = childrenOf(envelope, 'Body')
  const [answer] = childrenOf(content, `${call}Response`)
  const [result] = childrenOf(answer, 'result')
  if (result !== undefined) return readPage(result)
  throw new RunError('the answer to a SOAP query is none of the SOAP API', {
    code: 'NOT_SOAP',
    hint: foreignAnswerHint,
  })
}
