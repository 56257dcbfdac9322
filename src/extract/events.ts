/** What an extract tells while it runs. The core tells; `ui/` decides what is shown. */
export type ExtractEvent =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'job-started'; readonly job: string }
  | { readonly type: 'job-state'; readonly job: string; readonly state: string; readonly processed: number }
  | { readonly type: 'written'; readonly rows: number; readonly bytes: number; readonly total: number | undefined }

export type ReportExtract = (event: ExtractEvent) => void
