import { type FileHandle, mkdir, mkdtemp, open, rm } from 'node:fs/promises'
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

/**
 * Keeps an input that comes only once, in segment files in a folder that its owner alone can enter, so that parts of it
 * can be read again; what will not be read again is deleted segment by segment.
 */
export class Spool {
  readonly #parent: string
  readonly #segmentBytes: number
  #folder: string | undefined
  #segments: Segment[] = []
  #end: number
  #made = 0

  /** @param offset place of the first byte that will be appended */
  constructor(parentFolder: string, offset: number, segmentBytes = defaultSegmentBytes) {
    this.#parent = parentFolder
    this.#end = offset
    this.#segmentBytes = segmentBytes
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
        `cannot keep the input in ${this.#parent}: ${cause instanceof Error ? cause.message : cause}`,
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
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  async #addSegment(): Promise<Segment> {
    if (this.#folder === undefined) {
      await mkdir(this.#parent, { recursive: true, mode: 0o700 })
      this.#folder = await mkdtemp(join(this.#parent, 'input-'))
    }
    this.#made++
    const path = join(this.#folder, `${this.#made}.csv`)
    const segment = { path, file: await open(path, 'wx+', 0o600), offset: this.#end, length: 0 }
    this.#segments.push(segment)
    return segment
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
