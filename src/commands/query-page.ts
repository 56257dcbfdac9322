import { ExpectedError } from '../errors.ts'
import type { ReportExtract } from '../extract/events.ts'
import type { QueryReportFile } from '../report/write-report.ts'
import type { QueryCall } from './run-query.ts'

/** The page of `--report` while its query is at work. */
interface QueryPage {
  /** The same report, whose times the page remembers. */
  readonly watch: (report: ReportExtract) => ReportExtract
  /** The error is for the end: what the query came to has been told by then. */
  readonly write: (query: FinishedQuery) => Promise<ExpectedError | undefined>
}

type FinishedQuery = Omit<QueryReportFile, 'path' | 'startedAt' | 'timeline'>

/** Undefined without `--report`. Throws `UsageError` when the page could not be written in the end. */
export async function openQueryPage({ options, io }: QueryCall): Promise<QueryPage | undefined> {
  if (options.report === undefined) return undefined
  const { checkReportPath, writeQueryReport } = await import('../report/write-report.ts')
  const { Timeline } = await import('../report/timeline.ts')
  const path = await checkReportPath(options.report, io.folder, [options.output, options.file])
  const startedAt = new Date()
  const timeline = new Timeline(() => performance.now())
  return {
    watch: (report) => (event) => {
      if (event.type === 'written') {
        timeline.add({ type: 'written', accepted: event.rows, rejected: 0, unprocessed: 0, unknown: 0 })
      }
      report(event)
    },
    async write(query) {
      try {
        await writeQueryReport({ ...query, path, startedAt, timeline: timeline.points() })
        return undefined
      } catch (error) {
        if (error instanceof ExpectedError) return error
        throw error
      }
    },
  }
}
