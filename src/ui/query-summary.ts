import { formatBytes, formatDuration, formatRows } from './figures.ts'

/** What a query came to. */
export interface QuerySummary {
  readonly rows: number
  readonly bytes: number
  readonly files: readonly string[]
  readonly apiCalls: number
  readonly elapsedMs: number
}

/** The line that tells what a query came to. */
export function renderQuerySummary({ rows, bytes, files, apiCalls, elapsedMs }: QuerySummary): string {
  const where = files.length === 0 ? '' : ` → ${nameFiles(files)}`
  const calls = `${apiCalls} API ${apiCalls === 1 ? 'call' : 'calls'}`
  return `${formatRows(rows)}${where} · ${formatBytes(bytes)} · ${calls} · ${formatDuration(elapsedMs)}`
}

function nameFiles(files: readonly string[]): string {
  const [first = ''] = files
  return files.length > 1 ? `${first} … ${files.at(-1)}` : first
}
