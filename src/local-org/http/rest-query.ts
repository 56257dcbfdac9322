import type { Engine, QueryResult } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import type { ApiRequest } from './api-request.ts'
import { describeColumns } from './query-columns.ts'
import { Refusal } from './refusal.ts'
import { jsonReply, jsonTextReply, type Reply } from './reply.ts'
import type { Route } from './router.ts'
import { spellRecords } from './spell-records.ts'

/** The longest address, with its query, that the service reads. */
const longestPath = 16_384

/** REST query, queryAll and their further pages. REST guide, "Query", "QueryAll". */
export function restQueryRoutes(parts: OrgParts): readonly Route[] {
  const base = '/services/data/v:version'
  return [
    { method: 'GET', path: `${base}/query`, handle: (request) => startQuery(parts, request, false) },
    { method: 'GET', path: `${base}/queryAll`, handle: (request) => startQuery(parts, request, true) },
    { method: 'GET', path: `${base}/query/:locator`, handle: (request) => nextPage(parts, request) },
    { method: 'GET', path: `${base}/queryAll/:locator`, handle: (request) => nextPage(parts, request) },
  ]
}

function startQuery({ engine, cursors }: OrgParts, request: ApiRequest, all: boolean): Reply {
  const soql = request.query.get('q')
  if (soql === null || soql.trim() === '') throw new Refusal(400, 'MALFORMED_QUERY', 'unexpected token: <EOF>')
  if (request.path.length + soql.length > longestPath) throw new Refusal(414, 'URI_TOO_LONG', 'The URI is too long')
  if (request.query.get('columns') === 'true') return jsonReply(describeColumns(engine, soql))
  const result = engine.query(soql, { all, surface: 'rest' })
  if (result.kind === 'count') return jsonReply({ totalSize: result.totalSize, done: true, records: [] })
  const size = readBatchSize(request)
  if (result.totalSize > size) return pageReply(engine, result, 0, size, request, cursors.keep(result))
  const reply = pageReply(engine, result, 0, size, request, '')
  result.close()
  return reply
}

function nextPage({ engine, cursors }: OrgParts, request: ApiRequest): Reply {
  const [, id = '', start = ''] = /^([0-9A-Za-z]{18})-(\d+)$/.exec(request.params.locator ?? '') ?? []
  const result = cursors.find(id)
  if (result === undefined || Number(start) > result.totalSize) {
    throw new Refusal(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  }
  return pageReply(engine, result, Number(start), readBatchSize(request), request, id)
}

function pageReply(
  engine: Engine,
  result: QueryResult,
  start: number,
  count: number,
  request: ApiRequest,
  cursor: string,
): Reply {
  const version = `${request.version}.0`
  const next = start + count
  const done = next >= result.totalSize
  const page = {
    totalSize: result.totalSize,
    done,
    ...(done ? {} : { nextRecordsUrl: `/services/data/v${version}/query/${cursor}-${next}` }),
    records: result.records(start, count, version),
  }
  return jsonTextReply(spellRecords(engine, page, result.columns))
}

/** `Sforce-Query-Options: batchSize=500`, from 200 to 2,000. */
function readBatchSize({ headers }: ApiRequest): number {
  const match = /\bbatchSize=(\d+)/.exec(headers['sforce-query-options'] ?? '')
  return match === null ? 2000 : Math.min(2000, Math.max(200, Number(match[1])))
}
