import { EventEmitter, once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { ShapedLink } from './shaped-link.ts'
import { type PreparedResults, prepareResults } from './sink-results.ts'

/** One ingest job. */
interface Job {
  readonly id: string
  closed: boolean
  results: Promise<PreparedResults> | undefined
}

/**
 * Ingest jobs of the sink. The result files of an upload are made once and kept under its checksum: when the same bytes come
 * again they are served from there, so that the sink's own work stays out of the time that is measured.
 */
export class SinkIngest {
  readonly #folder: string
  readonly #closings = new EventEmitter().setMaxListeners(0)
  readonly #jobs = new Map<string, Job>()
  readonly #prepared = new Map<string, Promise<PreparedResults>>()
  /** Paths of the uploads seen so far, each once. */
  readonly uploads: string[] = []
  /** Rows of closed jobs since `restart`. */
  closedRows = 0
  bytes = 0
  /** Milliseconds, by this process's clock. */
  readonly times = { restarted: 0, created: 0, closed: 0, firstResult: 0 }

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Forgets times and counters, before the next measurement. */
  restart(): void {
    this.closedRows = 0
    this.bytes = 0
    Object.assign(this.times, { restarted: performance.now(), created: 0, closed: 0, firstResult: 0 })
  }

  create(): { readonly id: string; readonly state: string } {
    if (this.times.created === 0) this.times.created = performance.now()
    const job: Job = {
      id: `750bm${String(this.#jobs.size + 1).padStart(10, '0')}AAA`,
      closed: false,
      results: undefined,
    }
    this.#jobs.set(job.id, job)
    return { id: job.id, state: 'Open' }
  }

  /** Number of the job that was created last; the one before it has the number below. */
  get lastJob(): number {
    return this.#jobs.size
  }

  /** Reads the upload of a job; of one that has been seen before nothing but a checksum is made. */
  async upload(id: string, request: IncomingMessage, link: ShapedLink | undefined): Promise<void> {
    const { chunks, bytes, checksum } = await this.read(request, link)
    this.#take(id, `${bytes}-${checksum}`, chunks)
  }

  /** Reads a body to its end. */
  async read(
    request: IncomingMessage,
    link: ShapedLink | undefined,
  ): Promise<{ readonly chunks: readonly Buffer[]; readonly bytes: number; readonly checksum: number }> {
    const chunks: Buffer[] = []
    let checksum = 0
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      checksum = crc32(chunk, checksum)
      bytes += chunk.length
      link?.take(chunk.length, request)
    })
    await new Promise<void>((resolve, reject) => {
      request.on('end', resolve)
      request.on('error', reject)
    })
    this.bytes += bytes
    return { chunks, bytes, checksum }
  }

  /** Takes an upload that came with the request which created its job. */
  async takeWhole(id: string, upload: Buffer): Promise<void> {
    this.#take(id, `${upload.length}-${crc32(upload)}`, [upload])
    await this.close(id)
  }

  /** `{"state":"UploadComplete"}` */
  async close(id: string): Promise<Record<string, unknown>> {
    const job = this.#jobs.get(id)!
    job.closed = true
    // Not in one line: several jobs are closed at a time, and each would add to what it read before it waited.
    const results = await job.results
    this.closedRows += results?.rows ?? 0
    this.times.closed = performance.now()
    this.#closings.emit('closed')
    return { id, state: 'UploadComplete' }
  }

  /**
   * Complete as soon as it is closed. Where `holdRows` says that more rows must have come first, the answer waits for them: a
   * client that were told to ask again would wait longer and longer between its questions.
   */
  async state(id: string, holdRows: number): Promise<Record<string, unknown>> {
    const job = this.#jobs.get(id)!
    const { rows = 0, rejected = 0 } = (await job.results) ?? {}
    while (job.closed && this.closedRows < holdRows) await once(this.#closings, 'closed')
    if (!job.closed) return { id, state: job.closed ? 'UploadComplete' : 'Open', numberRecordsProcessed: 0 }
    if (this.times.firstResult === 0) this.times.firstResult = performance.now()
    return { id, state: 'JobComplete', numberRecordsProcessed: rows, numberRecordsFailed: rejected }
  }

  /** Path of a result file; undefined for the unprocessed records, of which there are none. */
  async resultFile(id: string, name: string): Promise<string | undefined> {
    const results = await this.#jobs.get(id)?.results
    if (name.startsWith('successful')) return results?.success
    return name.startsWith('failed') ? results?.failed : undefined
  }

  #take(id: string, name: string, chunks: readonly Buffer[]): void {
    const prepared = this.#prepared.get(name) ?? this.#prepare(name, Buffer.concat(chunks))
    this.#prepared.set(name, prepared)
    const job = this.#jobs.get(id)
    if (job) job.results = prepared
  }

  async #prepare(name: string, upload: Buffer): Promise<PreparedResults> {
    const path = join(this.#folder, name)
    await writeFile(`${path}.upload`, upload)
    this.uploads.push(`${path}.upload`)
    return prepareResults(upload, path)
  }
}
