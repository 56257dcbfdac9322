import { formatBytes, formatDuration, formatRows } from './figures.ts'

/** What a query came to. */
export interface QuerySummary {
  readonly rows: number
  readonly bytes: number
  readonly file: string | null
  readonly apiCalls: number
  readonly elapsedMs: number
  /** False when the reader of a pipe had gone before the end. */
  readonly complete: boolean
}

/** The line that tells what a query came to. */
export function renderQuerySummary({ rows, bytes, file, apiCalls, elapsedMs, complete }: QuerySummary): string {
  const what = complete ? formatRows(rows) : `stopped after ${formatRows(rows)}: nobody reads on`
  const where = file === null ? '' : ` → ${file}`
  const calls = `${apiCalls} API ${apiCalls === 1 ? 'call' : 'calls'}`
  return `${what}${where} · ${formatBytes(bytes)} · ${calls} · ${formatDuration(elapsedMs)}`
}
