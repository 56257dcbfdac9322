import { formatBytes, formatDuration, formatRows } from './figures.ts'

/** What a query came to. */
export interface QuerySummary {
  readonly rows: number
  readonly bytes: number
  readonly files: readonly string[]
  readonly apiCalls: number
  readonly elapsedMs: number
  /** False when the reader of a pipe had gone before the end. */
  readonly complete: boolean
}

/** The line that tells what a query came to. */
export function renderQuerySummary({ rows, bytes, files, apiCalls, elapsedMs, complete }: QuerySummary): string {
  const what = complete ? formatRows(rows) : `stopped after ${formatRows(rows)}: nobody reads on`
  const where = files.length === 0 ? '' : ` → ${nameFiles(files)}`
  const calls = `${apiCalls} API ${apiCalls === 1 ? 'call' : 'calls'}`
  return `${what}${where} · ${formatBytes(bytes)} · ${calls} · ${formatDuration(elapsedMs)}`
}

function nameFiles(files: readonly string[]): string {
  const [first = ''] = files
  return files.length > 1 ? `${first} … ${files.at(-1)}` : first
}
