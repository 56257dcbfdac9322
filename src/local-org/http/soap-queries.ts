import { normalizeId } from '../../values/record-id.ts'
import type { QueryResult } from '../engine.ts'
import { readRecords } from './read-records.ts'
import { Refusal } from './refusal.ts'
import type { SoapCall, SoapOperation } from './soap-call.ts'
import { findObject } from './soap-records.ts'
import { createSpeller } from './soap-spelling.ts'
import { childTexts, findChild } from './soap-xml.ts'

/** The calls that read records. SOAP guide, "query()", "queryMore()", "retrieve()". */
export const queryOperations: Readonly<Record<string, SoapOperation>> = {
  query: (call) => startQuery(call, false),
  queryAll: (call) => startQuery(call, true),
  queryMore,
  retrieve,
}

function startQuery({ parts, version, call, header }: SoapCall, all: boolean): string {
  const soql = findChild(call, 'queryString')?.text ?? ''
  if (soql.trim() === '') throw new Refusal(500, 'MALFORMED_QUERY', 'unexpected token: <EOF>')
  const result = parts.engine.query(soql, { all, surface: 'rest' })
  if (result.kind === 'count') return spellResult({ parts, version }, result, 0, 0, undefined)
  const size = pageSize({ parts, header }, result)
  if (result.totalSize > size) return spellResult({ parts, version }, result, 0, size, parts.cursors.keep(result))
  const content = spellResult({ parts, version }, result, 0, size, undefined)
  result.close()
  return content
}

function queryMore({ parts, version, call, header }: SoapCall): string {
  const locator = findChild(call, 'queryLocator')?.text.trim() ?? ''
  const [, id = '', start = ''] = /^([0-9A-Za-z]{18})-(\d+)$/.exec(locator) ?? []
  const result = parts.cursors.find(id)
  if (result === undefined || Number(start) > result.totalSize) {
    throw new Refusal(500, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  }
  return spellResult({ parts, version }, result, Number(start), pageSize({ parts, header }, result), id)
}

const mostRetrieved = 2000

/** Positional; a record that is not there is nil. */
function retrieve({ parts, version, call }: SoapCall): string {
  const ids = childTexts(call, 'ids').map((id) => completeId(id.trim()))
  if (ids.length > mostRetrieved) {
    const message = `retrieve id limit reached. cannot submit more than ${mostRetrieved} ids into this call`
    throw new Refusal(500, 'EXCEEDED_ID_LIMIT', message)
  }
  const { name } = findObject(parts.engine, findChild(call, 'sObjectType')?.text.trim() ?? '')
  const fields = (findChild(call, 'fieldList')?.text ?? '').split(',')
  if (ids.length === 0) return ''
  const found = readRecords(parts.engine, name, ids, fields, version)
  const spell = createSpeller(parts.engine)
  const records = ids.map((id) => found.get(id.slice(0, 15)))
  return records.map((record) => (record ? spell(record, 'result') : '<result xsi:nil="true"/>')).join('')
}

function completeId(text: string): string {
  const id = normalizeId(text)
  if (id === undefined) throw new Refusal(500, 'MALFORMED_ID', `malformed id ${text}`)
  return id
}

/**
 * 2,000 rows unless `QueryOptions` asks for another number from 200 on; 200 where two long texts are selected, one where
 * a body is. Protocol notes, section 5.
 */
function pageSize({ parts, header }: Pick<SoapCall, 'parts' | 'header'>, { object, columns }: QueryResult): number {
  if (columns.some(({ type }) => type === 'base64')) return 1
  const asked = Number(header('QueryOptions', 'batchSize') ?? 2000)
  if (!Number.isInteger(asked)) throw new Refusal(500, 'INVALID_BATCH_SIZE', 'The batch size is not a number')
  const size = Math.min(2000, Math.max(200, asked))
  const described = parts.engine.describe(object)?.fields ?? []
  const long = new Set(described.filter(isCustomLongText).map(({ name }) => name))
  return columns.filter(({ name }) => long.has(name)).length >= 2 ? 200 : size
}

function isCustomLongText({ name, type, length }: { name: string; type: string; length: number }): boolean {
  return type === 'textarea' && length > 255 && name.endsWith('__c')
}

function spellResult(
  { parts, version }: Pick<SoapCall, 'parts' | 'version'>,
  result: QueryResult,
  start: number,
  count: number,
  cursor: string | undefined,
): string {
  const next = start + count
  const done = cursor === undefined || next >= result.totalSize
  const locator = done ? '<queryLocator xsi:nil="true"/>' : `<queryLocator>${cursor}-${next}</queryLocator>`
  const spell = createSpeller(parts.engine, result.columns)
  const records = result
    .records(start, count, `${version}.0`)
    .reduce((xml, record) => xml + spell(record, 'records'), '')
  return `<result xsi:type="QueryResult"><done>${done}</done>${locator}${records}<size>${result.totalSize}</size></result>`
}
