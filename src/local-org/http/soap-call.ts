import type { OrgParts } from '../parts.ts'
import type { Session } from './api-request.ts'
import type { XmlElement } from './soap-xml.ts'

/** One call of the Partner API, authorised and counted. */
export interface SoapCall {
  readonly parts: OrgParts
  /** Number of the API version in the path. */
  readonly version: number
  readonly session: Session
  /** Element of the call: `<create>`, `<query>`, … */
  readonly call: XmlElement
  /** Text of a field of a header, such as `AllOrNoneHeader`, `allOrNone`. Headers that change nothing here are not asked for. */
  header(name: string, field: string): string | undefined
}

/** Gives the content of the response element. Throws a refusal or an `EngineError` for a call that is wrong as a whole. */
export type SoapOperation = (call: SoapCall) => string

/** XML Schema's two spellings of yes. */
export function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1'
}
