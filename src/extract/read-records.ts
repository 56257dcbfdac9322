import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { foreseeQueryJob } from '../bulk/job-cost.ts'
import { recordCells } from '../csv/cells.ts'
import { openCsvSource } from '../csv/source.ts'
import { ApiError, ExpectedError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { normalizeId } from '../values/record-id.ts'
import { extract } from './extract.ts'
import { longestPath } from './plain-rows.ts'
import { fetchSpelledPage, type JsonRecord, type QueryPage, queryPath } from './rest-pages.ts'

/** A field as far as its values matter here. */
export interface ReadField {
  /** As describe spells it. */
  readonly name: string
  readonly type: string
}

/** Records of one object that are known by their keys, and what is read of them. */
export interface RecordQuery {
  readonly object: string
  readonly fields: readonly ReadField[]
  /** The field that the keys are values of: Id, or an external ID. */
  readonly key: ReadField
  /** Records in the recycle bin, too. */
  readonly all: boolean
}

/** Values of the fields, in their order, as text; a null is the empty text. Dates with a time end in Z. */
export type ReadRow = readonly string[]

export interface ReadTools {
  readonly org: Org
  readonly signal: AbortSignal
  /** Private folder for the result of a job. */
  readonly folder: string
  /** Told when the whole object is read, before its first record is given. */
  readonly onWhole?: (() => void) | undefined
}

/**
 * Reads the records that are there of those with these keys, some thousand at a time, in no order. `count`: number of keys,
 * by which the cheaper way is chosen: lists of keys, up to 2,000 a call, or one query job for the whole object, of which
 * the caller then gets every record. Throws what `extract` throws.
 */
export async function* readRecords(
  query: RecordQuery,
  keys: Iterable<string>,
  count: number,
  tools: ReadTools,
): AsyncGenerator<readonly ReadRow[]> {
  if (await isWholeCheaper(query, count, tools)) {
    yield* readWhole(query, tools)
    return
  }
  const soap = { isRefused: false }
  for (const list of cutLists(keys, query, tools.org)) yield* readList(query, list, { ...tools, soap })
}

/** Rows of a page of the synchronous APIs, unless they are wide. */
const pageRows = 2_000
/** Calls up to which it is not worth a call to ask how many records the object has. */
const fewCalls = 10

/** Whether one job for the whole object costs fewer calls than lists of this many keys. */
export async function isWholeCheaper(
  { object }: RecordQuery,
  count: number,
  { org, signal }: ReadTools,
): Promise<boolean> {
  const calls = Math.ceil(count / pageRows)
  if (calls <= fewCalls) return false
  // The number of records is a help, and not every user may ask for it: without it the job is the surer way.
  const answer = await org
    .send({ method: 'GET', path: `limits/recordCount?sObjects=${object}`, signal })
    .catch(unlessRefused)
  if (answer === undefined) return true
  const { sObjects } = await answer.json<{ sObjects: readonly { readonly count: number }[] }>()
  // Objects without a record may be left out of the answer.
  return foreseeQueryJob(sObjects[0]?.count ?? 0).total < calls
}

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof ApiError)) throw error
  return undefined
}

/**
 * Keys as SOQL literals, put together in lists for one query each. SOAP takes a query of 100,000 characters; where it does
 * not take the session, the address of a REST request has to hold it.
 */
function* cutLists(
  keys: Iterable<string>,
  query: RecordQuery,
  { soapTakesSession }: Org,
): Generator<readonly string[]> {
  const { type } = query.key
  const longest = soapTakesSession ? 99_000 - select(query).length : longestPath / 2
  let list: string[] = []
  let length = 0
  for (const key of keys) {
    const literal = spellLiteral(key, type)
    if (literal === undefined) continue
    if (list.length === pageRows || length + literal.length >= longest) {
      yield list
      list = []
      length = 0
    }
    list.push(literal)
    length += literal.length + 1
  }
  if (list.length > 0) yield list
}

/** The key as SOQL writes it; undefined for a text that is none: it finds no record, and would make the service refuse the query. */
function spellLiteral(key: string, type: string): string | undefined {
  if (type === 'id' || type === 'reference') {
    const id = normalizeId(key)
    return id && `'${id}'`
  }
  if (numberTypes.has(type)) return Number.isFinite(Number(key)) && key.trim() !== '' ? String(Number(key)) : undefined
  return `'${key.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}

const numberTypes: ReadonlySet<string> = new Set(['double', 'int', 'long', 'currency', 'percent'])

interface ListTools extends ReadTools {
  /** Whether the org has refused SOAP as such. */
  readonly soap: { isRefused: boolean }
}

async function* readList(query: RecordQuery, list: readonly string[], tools: ListTools): AsyncGenerator<ReadRow[]> {
  const { fields, key, all } = query
  const question = { soql: `${select(query)} WHERE ${key.name} IN (${list.join(',')})`, all }
  const isShort = list.length === 1 || queryPath(question).length <= longestPath
  const pages = isShort ? fetchSpelledPages(tools.org, question, tools.signal) : await beginSoapPages(question, tools)
  if (pages === undefined) {
    const half = list.length >> 1
    yield* readList(query, list.slice(0, half), tools)
    yield* readList(query, list.slice(half), tools)
    return
  }
  for await (const { records } of pages) yield records.map((record) => fields.map((field) => spellCell(record, field)))
}

type AskedQuery = Parameters<typeof fetchSpelledPage>[1]

/** The pages of a query by SOAP; undefined when the org refuses it: shorter queries fit the address of a REST request. */
async function beginSoapPages(
  question: AskedQuery,
  { org, signal, soap }: ListTools,
): Promise<AsyncIterable<QueryPage> | undefined> {
  if (soap.isRefused) return undefined
  const { fetchSoapPages } = await import('./soap-pages.ts')
  const pages = fetchSoapPages(org, question, signal)
  try {
    return withFirst(await pages.next(), pages)
  } catch (error) {
    if (!(error instanceof ExpectedError) || error.exit === 'unfinished') throw error
    soap.isRefused = true
    return undefined
  }
}

async function* withFirst(
  first: IteratorResult<QueryPage, void>,
  others: AsyncIterable<QueryPage>,
): AsyncGenerator<QueryPage> {
  if (first.done === true) return
  yield first.value
  yield* others
}

async function* fetchSpelledPages(org: Org, question: AskedQuery, signal: AbortSignal): AsyncGenerator<QueryPage> {
  for (let next: string | undefined, done = false; !done; ) {
    const page = await fetchSpelledPage(org, question, next, signal)
    yield page
    next = page.nextRecordsUrl
    done = page.done || next === undefined
  }
}

/** Only REST spells the zone of a moment in digits. A name with a point is a field of a parent. */
function spellCell(record: JsonRecord, { name, type }: ReadField): string {
  const value = name.includes('.') ? valueOfParent(record, name) : record[name]
  if (value === undefined || value === null) return ''
  return type === 'datetime' ? String(value).replace('+0000', 'Z') : String(value)
}

function valueOfParent(record: JsonRecord, name: string): unknown {
  let value: unknown = record
  for (const part of name.split('.')) {
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
    value = entries.find(([key]) => key.toLowerCase() === part.toLowerCase())?.[1]
  }
  return value
}

/** Every record of the object, by a query job. */
export async function* readWhole(
  query: RecordQuery,
  { org, signal, folder, onWhole }: ReadTools,
): AsyncGenerator<ReadRow[]> {
  const output = join(folder, `${query.object}.read.csv`)
  const plan = { soql: select(query), all: query.all, names: new Map(), output, api: 'bulk' as const }
  try {
    await extract(plan, { org, signal, report: () => undefined })
    const input = { path: output, spoolFolder: folder, stdin: Readable.from([]), delimiter: ',', encoding: 'utf-8' }
    const source = await openCsvSource(input)
    onWhole?.()
    try {
      for await (const block of source.records()) {
        yield Array.from({ length: block.count }, (_, record) => recordCells(block, record))
      }
    } finally {
      await source.close()
    }
  } finally {
    await rm(output, { force: true })
  }
}

function select({ object, fields }: RecordQuery): string {
  return `SELECT ${fields.map(({ name }) => name).join(',')} FROM ${object}`
}
