import type { Query } from '@jetstreamapp/soql-parser-js'
import { EngineError } from './engine.ts'
import { loadSoqlParser } from './load-soql-parser.ts'
import type { SoqlText } from './soql-errors.ts'

/** Characters; limits cheat sheet, "SOQL and SOSL limits". */
const longestQuery = 100_000

/** Parses a query. Throws `EngineError` with code `MALFORMED_QUERY`. */
export function parseSoql(text: SoqlText): Query {
  if (text.soql.length > longestQuery) {
    throw new EngineError('MALFORMED_QUERY', `SOQL statements cannot be longer than ${longestQuery} characters.`)
  }
  refuseUnknownEscapes(text)
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

/** What may stand behind a backslash. Source: SOQL guide, "Quoted string escape sequences". */
const knownEscape = /^\\(?:[nrtbf"'\\_%]|u[0-9a-f]{4})$/i

function refuseUnknownEscapes(text: SoqlText): void {
  for (const [literal] of text.soql.matchAll(/'(?:[^'\\]|\\.)*'/gs)) {
    const unknown = literal.match(/\\(?:u[0-9a-f]{4}|.)/gis)?.find((sequence) => !knownEscape.test(sequence))
    if (unknown === undefined) continue
    const why = `Illegal character sequence '${unknown}' in string literal.`
    throw text.error('MALFORMED_QUERY', literal, `Invalid string literal ${literal}. ${why}`)
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
