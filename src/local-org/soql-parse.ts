import type { Query } from '@jetstreamapp/soql-parser-js'
import { EngineError } from './engine.ts'
import { loadSoqlParser } from './load-soql-parser.ts'
import type { SoqlText } from './soql-errors.ts'

/** Parses a query. Throws `EngineError` with code `MALFORMED_QUERY`. */
export function parseSoql(text: SoqlText): Query {
  const query = tryParse(text)
  refuseLostNegation(text, query)
  return query
}

function tryParse(text: SoqlText): Query {
  const { parseQuery } = loadSoqlParser()
  try {
    return parseQuery(text.soql)
  } catch (error) {
    throw describeParseError(text, error instanceof Error ? error.message : String(error))
  }
}

/** The parser drops a NOT that stands within two others, brackets between them: better no answer than a wrong one. */
function refuseLostNegation(text: SoqlText, query: Query): void {
  const words = text.soql.replace(/'(?:[^'\\]|\\.)*'/gs, "''").match(/\bNOT\b(?!\s+IN\b)/gi) ?? []
  const parsed = JSON.stringify(query).match(/"operator":"NOT"/g) ?? []
  if (words.length === parsed.length) return
  throw text.error('MALFORMED_QUERY', 'NOT', 'NOT is nested too deeply: write the condition with fewer of them')
}

/** The parser's message ends with the token that it did not expect; an empty one is the end of the query. */
function describeParseError(text: SoqlText, message: string): EngineError {
  const token = /but found(?: -->|:) '?(.*?)'?(?: <--)?$/s.exec(message)?.[1] ?? ''
  if (token === '') return new EngineError('MALFORMED_QUERY', "unexpected token: '<EOF>'")
  return text.error('MALFORMED_QUERY', token, `unexpected token: '${token}'`)
}
