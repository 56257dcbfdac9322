import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RunError } from '../errors.ts'
import type { ReadBytes } from './byte-readers.ts'

/** Small enough that little is kept longer than needed, large enough that a big input makes no crowd of files. */
const defaultSegmentBytes = 16 * 1024 * 1024

interface Segment {
  readonly path: string
  readonly file: FileHandle
  /** Place of its first byte in the decoded input. */
  readonly offset: number
  length: number
}

/** Where a spool is: in a folder of its own below another one, deleted when it is closed; or in one that the caller deletes. */
export type SpoolPlace = { readonly below: string } | { readonly kept: string }

/** Says that the input was read to its end. */
const endMark = 'complete'

/**
 * Keeps an input that comes only once, in segment files in a folder that its owner alone can enter, so that parts of it
 * can be read again; what will not be read again is deleted segment by segment. A segment is named by the place of its first
 * byte, so that another process can go on with a spool that was kept.
 */
export class Spool {
  readonly #place: SpoolPlace
  readonly #segmentBytes: number
  #folder: string | undefined
  #segments: Segment[] = []
  #end: number

  /** @param offset place of the first byte that will be appended */
  constructor(place: SpoolPlace, offset: number, segmentBytes = defaultSegmentBytes) {
    this.#place = place
    this.#end = offset
    this.#segmentBytes = segmentBytes
  }

  /** Opens a spool that was kept, to read what it holds; `complete`: whether that is the input to its end. */
  static async reopen(folder: string): Promise<{ readonly spool: Spool; readonly complete: boolean }> {
    const names: readonly string[] = await readdir(folder).catch(() => [])
    const spool = new Spool({ kept: folder }, 0)
    spool.#folder = folder
    const offsets = names.flatMap((name) => (/^\d+\.csv$/.test(name) ? [Number.parseInt(name, 10)] : []))
    for (const offset of offsets.sort((a, b) => a - b)) {
      const path = join(folder, `${offset}.csv`)
      const file = await open(path, 'r')
      const { size } = await file.stat()
      spool.#segments.push({ path, file, offset, length: size })
      spool.#end = offset + size
    }
    return { spool, complete: names.includes(endMark) }
  }

  /** The places from and up to which it holds the input. */
  get range(): { readonly from: number; readonly to: number } {
    return { from: this.#segments[0]?.offset ?? this.#end, to: this.#end }
  }

  /** Says that nothing more will come. */
  async end(): Promise<void> {
    if (!('kept' in this.#place)) return
    this.#folder ??= await this.#makeFolder()
    await this.flush()
    await writeFile(join(this.#folder, endMark), '', { mode: 0o600 })
  }

  /** Resolves when what was appended is on disk. */
  async flush(): Promise<void> {
    await this.#segments.at(-1)?.file.datasync()
  }

  /** Throws `RunError` with code `SPOOL_FAILED` when the folder cannot be written. */
  async append(bytes: Buffer): Promise<void> {
    try {
      let segment = this.#segments.at(-1)
      if (segment === undefined || segment.length >= this.#segmentBytes) segment = await this.#addSegment()
      await writeWhole(segment.file, bytes, segment.length)
      segment.length += bytes.length
      this.#end += bytes.length
    } catch (cause) {
      throw new RunError(
        `cannot keep the input in ${this.#parent()}: ${cause instanceof Error ? cause.message : cause}`,
        {
          code: 'SPOOL_FAILED',
          hint: 'make room there, or give the input as an uncompressed UTF-8 file, which is read in place',
          cause,
        },
      )
    }
  }

  /** Reads what was kept between two places; ends early where nothing has been appended yet. */
  read(from: number, to: number): ReadBytes {
    let position = from
    return async (target, at) => {
      const segment = this.#segments.find(({ offset, length }) => position >= offset && position < offset + length)
      if (segment === undefined) return 0
      const wanted = Math.min(target.length - at, to - position, segment.offset + segment.length - position)
      if (wanted <= 0) return 0
      const { bytesRead } = await segment.file.read(target, at, wanted, position - segment.offset)
      position += bytesRead
      return bytesRead
    }
  }

  /** Deletes the segments that end at or before this place, but for the one that is being written. */
  async release(upTo: number): Promise<void> {
    const done = this.#segments.filter(
      ({ offset, length }, index) => offset + length <= upTo && index < this.#segments.length - 1,
    )
    this.#segments = this.#segments.filter((segment) => !done.includes(segment))
    for (const { file, path } of done) {
      await file.close()
      await rm(path, { force: true })
    }
  }

  async close(): Promise<void> {
    const segments = this.#segments
    this.#segments = []
    for (const { file } of segments) await file.close()
    if (this.#folder !== undefined && 'below' in this.#place) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  async #addSegment(): Promise<Segment> {
    this.#folder ??= await this.#makeFolder()
    if ('kept' in this.#place) await this.flush()
    const path = join(this.#folder, `${this.#end}.csv`)
    const segment = { path, file: await open(path, 'wx+', 0o600), offset: this.#end, length: 0 }
    this.#segments.push(segment)
    return segment
  }

  async #makeFolder(): Promise<string> {
    await mkdir(this.#parent(), { recursive: true, mode: 0o700 })
    return 'kept' in this.#place ? this.#place.kept : await mkdtemp(join(this.#place.below, 'input-'))
  }

  #parent(): string {
    return 'kept' in this.#place ? this.#place.kept : this.#place.below
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
