/** What a load tells while it runs. The core tells; `ui/` decides what is shown. */
export type LoadEvent =
  | { readonly type: 'started'; readonly source: string; readonly size: number | undefined }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'read'; readonly rows: number; readonly bytes: number }
  | {
      readonly type: 'job-started'
      readonly part: number
      /** Empty for an API that has no jobs: the part went out by a call, which has been answered. */
      readonly job: string
      readonly rows: number
      readonly bytes: number
    }
  | {
      readonly type: 'job-state'
      readonly job: string
      readonly state: string
      readonly processed: number
      readonly rejected: number
    }
  | {
      readonly type: 'written'
      readonly accepted: number
      readonly rejected: number
      readonly unprocessed: number
      readonly unknown: number
    }

export type Report = (event: LoadEvent) => void
