import type { Readable } from 'node:stream'
import type { ReadBytes } from './byte-readers.ts'
import type { Encoding } from './encoding.ts'

export interface CsvInput {
  /** `undefined` or `-` reads `stdin`; a name that ends in `.gz` is unpacked. */
  readonly path: string | undefined
  /** What messages call it. Default: the path. */
  readonly name?: string | undefined
  readonly stdin: Readable
  /** Aborted when the first bytes of standard input are not waited for any longer: its reason is thrown then. */
  readonly signal?: AbortSignal | undefined
  /** Where input that cannot be read twice is kept while it is needed; made when it does not exist. */
  readonly spoolFolder: string
  /** Where an input that comes once (standard input, a pipe) is kept instead, also when it is closed: the caller deletes it. */
  readonly keepFolder?: string | undefined
  /** One of `delimiters`; detected when left out. */
  readonly delimiter?: string | undefined
  /** A WHATWG label; detected when left out. A byte order mark in the input outweighs it. */
  readonly encoding?: string | undefined
}

/**
 * An input as UTF-8 without byte order mark, wherever it comes from. Offsets count the bytes of that.
 */
export interface DecodedInput {
  /** For messages: the path as given, or `stdin`. */
  readonly name: string
  readonly encoding: Encoding
  /** The first bytes, at most some MiB. */
  readonly sample: Buffer
  /** Whether the sample is the whole input. */
  readonly complete: boolean
  /** Bytes of the input as stored, where that is known. */
  readonly size: number | undefined
  bytesRead(): number
  /** Whether it came once and is in `keepFolder`. */
  readonly kept: boolean
  /** Reads from an offset to the end; once. */
  readOn(from: number): ReadBytes
  /** Reads a range that `readOn` has given already, any number of times. */
  readAgain(from: number, to: number): ReadBytes
  release(upTo: number): Promise<void>
  /** Resolves when what was read so far and is kept is on disk. */
  flush(): Promise<void>
  changed(): Promise<boolean>
  close(): Promise<void>
}

/** How much is looked at to find out how an input is written. */
export const sampleBytes = 1024 * 1024
