import { createRequire } from 'node:module'

type SoqlParser = typeof import('@jetstreamapp/soql-parser-js')

/**
 * The parser, loaded when a query is first asked: it works out its grammar then, which takes 0.35 s. A load asks none, and what
 * would wait for the parser cannot: queries are answered within transactions.
 */
export function loadSoqlParser(): SoqlParser {
  loaded ??= createRequire(import.meta.url)('@jetstreamapp/soql-parser-js') as SoqlParser
  return loaded
}

let loaded: SoqlParser | undefined
