import { parseQuery, type Query } from '@jetstreamapp/soql-parser-js'
import { EngineError } from './engine.ts'
import type { SoqlText } from './soql-errors.ts'

/** Parses a query. Throws `EngineError` with code `MALFORMED_QUERY`. */
export function parseSoql(text: SoqlText): Query {
  try {
    return parseQuery(text.soql)
  } catch (error) {
    throw describeParseError(text, error instanceof Error ? error.message : String(error))
  }
}

/** The parser's message ends with the token that it did not expect; an empty one is the end of the query. */
function describeParseError(text: SoqlText, message: string): EngineError {
  const token = /but found(?: -->|:) '?(.*?)'?(?: <--)?$/s.exec(message)?.[1] ?? ''
  if (token === '') return new EngineError('MALFORMED_QUERY', "unexpected token: '<EOF>'")
  return text.error('MALFORMED_QUERY', token, `unexpected token: '${token}'`)
}
