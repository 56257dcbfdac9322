import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What the sink is told before a measurement. */
export interface SinkSettings {
  /** Bytes a second that uploads may bring; unlimited when left out. */
  readonly linkBytes?: number
  /** Jobs are complete only when so many rows have come: parts uploads and joins from one another. */
  readonly holdRows?: number
  /** Rows of the result of a query. */
  readonly queryRows?: number
  /** Whether query pages are packed for a client that takes it. */
  readonly gzip?: boolean
}

/** What the sink saw since it was told. */
export interface SinkReport {
  /** From `set` to the end of the request that closed the last job. */
  readonly closedSeconds: number
  /** From the request that created the first job to the end of the one that closed the last. */
  readonly uploadSeconds: number
  /** From the answer that told the first job complete to this report. */
  readonly joinSeconds: number
  /** Bytes of all uploads. */
  readonly bytes: number
  /** Number of the job that was created last. */
  readonly lastJob: number
  /** Files of the uploads, each once, as long as the sink has run. */
  readonly uploads: readonly string[]
}

export interface Sink {
  readonly url: string
  /** Where it speaks TLS; undefined without a certificate. */
  readonly encryptedUrl: string | undefined
  set(settings: SinkSettings): Promise<void>
  report(): Promise<SinkReport>
  close(): void
}

/** Starts the sink as a process of its own; `folders` as its head comment says. */
export async function startSink(program: string, ...folders: readonly string[]): Promise<Sink> {
  const child = spawn(process.execPath, ['--max-old-space-size=12000', program, ...folders], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const [url = '', encryptedUrl] = line.toString().trim().split(' ')
  return {
    url,
    encryptedUrl,
    set: async (settings) => {
      await fetch(`${url}/bench`, { method: 'PUT', body: JSON.stringify(settings) })
    },
    report: async () => (await (await fetch(`${url}/bench`)).json()) as SinkReport,
    close: () => child.kill(),
  }
}
