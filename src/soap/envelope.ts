import { escapeXml } from '../org/xml-text.ts'

/** What is asked of a call besides its rows. Source: SOAP API guide, "SOAP Headers". */
export interface SoapHeaders {
  /** Leads and cases: Id of an assignment rule to run, or `default`. Without it none runs. */
  readonly assignmentRule?: string | undefined
  /** One row that is refused undoes all of its call. */
  readonly allOrNone?: boolean | undefined
  /** Rows are written although a duplicate rule that only alerts finds others like them. */
  readonly allowDuplicates?: boolean | undefined
  /** Changes do not show in feeds. */
  readonly skipFeedTracking?: boolean | undefined
}

/** The headers as XML, without the session. */
export function renderHeaders({ assignmentRule, allOrNone, allowDuplicates, skipFeedTracking }: SoapHeaders): string {
  return [
    assignmentRule === undefined ? '' : renderAssignmentRule(assignmentRule),
    allOrNone ? '<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>' : '',
    allowDuplicates ? '<DuplicateRuleHeader><allowSave>true</allowSave></DuplicateRuleHeader>' : '',
    skipFeedTracking
      ? '<DisableFeedTrackingHeader><disableFeedTracking>true</disableFeedTracking></DisableFeedTrackingHeader>'
      : '',
  ].join('')
}

/** A whole request: `headers` and `body` are XML, in the namespaces of the partner WSDL. */
export function renderEnvelope(accessToken: string, headers: string, body: string): Buffer {
  return Buffer.from(`${renderStart(accessToken, headers)}${body}${end}`)
}

/** The same with a body that is too large to be held. */
export async function* streamEnvelope(
  accessToken: string,
  headers: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(renderStart(accessToken, headers))
  yield* body
  yield Buffer.from(end)
}

function renderStart(accessToken: string, headers: string): string {
  const session = `<SessionHeader><sessionId>${escapeXml(accessToken)}</sessionId></SessionHeader>`
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${namespaces}>` +
    `<s:Header>${session}${headers}</s:Header><s:Body>`
  )
}

const end = '</s:Body></s:Envelope>'

const namespaces = [
  'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"',
  'xmlns="urn:partner.soap.sforce.com"',
  'xmlns:o="urn:sobject.partner.soap.sforce.com"',
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
].join(' ')

function renderAssignmentRule(rule: string): string {
  const choice =
    rule === 'default'
      ? '<useDefaultRule>true</useDefaultRule>'
      : `<assignmentRuleId>${escapeXml(rule)}</assignmentRuleId>`
  return `<AssignmentRuleHeader>${choice}</AssignmentRuleHeader>`
}
