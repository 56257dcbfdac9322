import { isRowCount, parseSoql } from './read-soql.ts'
import { formatRow } from './rename-header.ts'
import { type Column, cellText, findColumns } from './rest-columns.ts'
import { type QueryPage, rowsMissing } from './rest-pages.ts'
import type { RowOutput } from './row-output.ts'
import type { AnswerTools, Question } from './run-query-job.ts'

/**
 * Writes the rows of a query from pages of the synchronous API or of SOAP, at most 2,000 for a call. Parents' fields stand in
 * columns of their own, child rows and other structures as JSON in one column.
 */
export async function writeSynchronousRows(
  question: Question,
  pages: AsyncIterable<QueryPage>,
  output: RowOutput,
  tools: AnswerTools,
): Promise<void> {
  const query = await parseSoql(question.soql)
  let columns: readonly Column[] | undefined
  let rows = 0
  for await (const page of pages) {
    if (query && isRowCount(query)) return await writeRowCount(page.totalSize, output, tools)
    if (columns === undefined) {
      columns = findColumns(query, page.records[0])
      await output.writeHeader(Buffer.from(formatRow(columns.map((column) => column.name))))
    }
    const shown = columns
    const lines = page.records.map((record) => `${formatRow(shown.map((column) => cellText(record, column)))}\n`)
    await output.write(Buffer.from(lines.join('')))
    rows += page.records.length
    tools.onPage(page.records.length, page.totalSize)
    if (page.done && rows !== page.totalSize) throw rowsMissing(rows, page.totalSize)
  }
}

async function writeRowCount(count: number, output: RowOutput, tools: AnswerTools): Promise<void> {
  await output.writeHeader(Buffer.from(formatRow(['count'])))
  await output.write(Buffer.from(`${formatRow([String(count)])}\n`))
  tools.onPage(1, 1)
}
