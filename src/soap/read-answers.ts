import { isTrue } from '../org/xml-text.ts'
import { formatRowError } from '../values/row-error.ts'
import type { SoapCall } from './calls.ts'
import { childrenOf, childText, childTexts, parseXml, type XmlNode } from './parse-xml.ts'

/** What the service says of one row. */
export interface RowAnswer {
  readonly success: boolean
  /** Empty when there is none. */
  readonly id: string
  readonly created: boolean
  /** In the spelling of Bulk API, `CODE:message:field1 field2 --` for each error; empty when there is none. */
  readonly error: string
  /** Status code of the first error; empty when there is none. */
  readonly statusCode: string
}

/**
 * The answers of a call in the order of its rows: SaveResult, UpsertResult or DeleteResult of the partner WSDL. Undefined
 * for a text that is no answer to the call.
 */
export function readAnswers(document: string, { element }: SoapCall): readonly RowAnswer[] | undefined {
  const [envelope] = childrenOf(parseXml(document), 'Envelope')
  const [body] = childrenOf(envelope, 'Body')
  const [response] = childrenOf(body, `${element}Response`)
  if (response === undefined) return undefined
  return childrenOf(response, 'result').map((result) => readAnswer(result, element))
}

function readAnswer(result: XmlNode, element: SoapCall['element']): RowAnswer {
  const errors = childrenOf(result, 'errors')
  return {
    success: isTrue(childText(result, 'success')),
    id: childText(result, 'id'),
    created: element === 'create' || (element === 'upsert' && isTrue(childText(result, 'created'))),
    error: errors.map(spellError).join(''),
    statusCode: childText(errors[0], 'statusCode'),
  }
}

function spellError(error: XmlNode): string {
  const [statusCode, message] = [childText(error, 'statusCode'), childText(error, 'message')]
  return formatRowError({ statusCode, message, fields: childTexts(error, 'fields') })
}
