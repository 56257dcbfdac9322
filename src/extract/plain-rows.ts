import { foreseeQueryJob } from '../bulk/job-cost.ts'
import { ExpectedError } from '../errors.ts'
import { findPlainColumns, type PlainColumn } from './plain-columns.ts'
import type { PlainQuery } from './plain-query.ts'
import { formatRow } from './rename-header.ts'
import { fetchSpelledPage, type JsonRecord, type QueryPage, queryPath, rowsMissing } from './rest-pages.ts'
import type { RowOutput } from './row-output.ts'
import type { AnswerTools, Question } from './run-query-job.ts'

/** Characters of an address that are surely read: the service takes 16,384 bytes with the headers, a token among them. */
export const longestPath = 12_000
/** Rows of a page of the synchronous API, unless they are wide. */
const pageRows = 2_000

/**
 * Whether a query is worth a synchronous call. It is answered by it when there are few rows, and otherwise told how many
 * there are: one call is lost at most. A LIMIT above what pages are cheaper for says the same without a call.
 */
export function isWorthOnePage(question: Question, { limit }: PlainQuery): boolean {
  if (queryPath(question).length > longestPath) return false
  return limit === undefined || Math.ceil(limit / pageRows) <= foreseeQueryJob(limit).total
}

/** Whether the pages behind the first cost no more calls than a job for all rows. */
function goesOnByPages({ totalSize, records, done }: QueryPage): boolean {
  if (done) return true
  const pages = Math.ceil((totalSize - records.length) / Math.max(1, records.length))
  return pages <= foreseeQueryJob(totalSize).total
}

/** Rows of a query that were not written, where their number is known: a job is the better way. */
export interface LeftToJob {
  readonly rows: number | undefined
}

/**
 * Writes the rows of a plain query from synchronous pages, spelt as the Bulk API spells them. Writes nothing when there are
 * many rows, or fields that Bulk gives in parts.
 */
export async function writePlainRows(
  question: Question,
  plain: PlainQuery,
  output: RowOutput,
  tools: AnswerTools,
): Promise<'written' | LeftToJob> {
  const { org, signal } = tools
  const first = await fetchSpelledPage(org, question, undefined, signal).catch((error: unknown) => {
    if (error instanceof ExpectedError && tooMuchAtOnce.has(error.code)) return undefined
    throw error
  })
  if (first === undefined) return { rows: undefined }
  let page = first
  const columns = await findPlainColumns(org, plain, page.records)
  if (!goesOnByPages(page)) return { rows: page.totalSize }
  for (const column of columns) if (await column.isInParts()) return { rows: page.totalSize }
  await output.writeHeader(Buffer.from(formatRow(columns.map(({ name }) => name))))
  let rows = 0
  for (;;) {
    await output.write(await spellRows(page.records, columns))
    rows += page.records.length
    tools.onPage(page.records.length, page.totalSize)
    if (page.done || page.nextRecordsUrl === undefined) break
    page = await fetchSpelledPage(org, question, page.nextRecordsUrl, signal)
  }
  if (rows !== page.totalSize) throw rowsMissing(rows, page.totalSize)
  return 'written'
}

/** Refusals of a synchronous answer by its size or time; a job has more of both. */
const tooMuchAtOnce: ReadonlySet<string> = new Set([
  'QUERY_TIMEOUT',
  'OPERATION_TOO_LARGE',
  'REQUEST_RUNNING_TOO_LONG',
  'URI_TOO_LONG',
  'HTTP_414',
  'HTTP_431',
])

async function spellRows(records: readonly JsonRecord[], columns: readonly PlainColumn[]): Promise<Buffer> {
  const lines: string[] = []
  for (const record of records) {
    const cells: string[] = []
    for (const column of columns) cells.push(await spellCell(record, column))
    lines.push(`${formatRow(cells)}\n`)
  }
  return Buffer.from(lines.join(''))
}

async function spellCell(record: JsonRecord, column: PlainColumn): Promise<string> {
  const value = column.value(record)
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') return JSON.stringify(value)
  const text = String(value)
  // A text field may hold the same characters: only a date with a time is spelt otherwise in the two APIs.
  return restDateTime.test(text) && (await column.isDateTime()) ? text.replace('+0000', 'Z') : text
}

const restDateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/
