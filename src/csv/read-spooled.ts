import type { Readable } from 'node:stream'
import { ExpectedError, RunError, UsageError } from '../errors.ts'
import { readChunks } from './byte-readers.ts'
import { type DecodedInput, sampleBytes } from './decoded-input.ts'
import { chooseEncoding } from './encoding.ts'
import { refuseOtherKinds } from './file-kinds.ts'
import { unreadableInput } from './input-file.ts'
import { Spool, type SpoolPlace } from './spool.ts'
import { transcode } from './transcode.ts'
import { unpackGzip } from './unpack-gzip.ts'

export interface StreamInput {
  readonly name: string
  readonly chunks: Readable
  /** Bytes that `chunks` will give, where that is known. */
  readonly size: number | undefined
  /** Whether the chunks are gzip data. */
  readonly packed: boolean
  /** Where it is kept while it is needed. */
  readonly place: SpoolPlace
  readonly encoding: string | undefined
  /** Aborted when the first bytes are not waited for any longer. */
  readonly signal?: AbortSignal | undefined
}

/** An input that can be read only once, or must be decoded: what is read is spooled, so that it can be read again. */
export async function readSpooled(input: StreamInput): Promise<DecodedInput> {
  const { name, chunks, size, packed, place, signal } = input
  let bytesRead = 0
  const counted = countBytes(chunks, (bytes) => {
    bytesRead += bytes
  })
  const unpacked = packed ? unpackGzip(counted, name) : counted
  const stopWaiting = () => chunks.destroy(signal?.reason instanceof Error ? signal.reason : undefined)
  signal?.addEventListener('abort', stopWaiting, { once: true })
  try {
    if (signal?.aborted) stopWaiting()
    const start = await takeSample(unpacked)
    refuseOtherKinds(start.sample, name)
    const encoding = chooseEncoding(start.sample, input.encoding, name)
    const whole = chain(start.sample.subarray(encoding.bomBytes), unpacked)
    const text = encoding.name === 'utf-8' ? whole : transcode(whole, encoding.name)
    const { sample, complete } = await takeSample(text)
    let spool: Spool | undefined
    return {
      name,
      kept: 'kept' in place,
      encoding,
      sample,
      complete,
      size,
      bytesRead: () => bytesRead,
      readOn: (from) => {
        const kept = new Spool(place, from)
        spool = kept
        const read = readChunks(chain(sample.subarray(from), skip(text, Math.max(0, from - sample.length))))
        return async (target, at) => {
          const count = await read(target, at)
          if (count > 0) await kept.append(target.subarray(at, at + count))
          else await kept.end()
          return count
        }
      },
      readAgain: (from, to) => spool?.read(from, to) ?? (async () => 0),
      release: async (upTo) => spool?.release(upTo),
      flush: async () => spool?.flush(),
      changed: async () => false,
      close: async () => {
        chunks.destroy()
        await spool?.close()
      },
    }
  } catch (error) {
    chunks.destroy()
    if (!(error instanceof ExpectedError)) throw unreadableInput(name, error)
    // Nothing has been sent yet, so what would end a run is still a matter of the input.
    if (error instanceof RunError)
      throw new UsageError(error.message, { code: error.code, hint: error.hint, cause: error })
    throw error
  } finally {
    signal?.removeEventListener('abort', stopWaiting)
  }
}

async function* countBytes(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length)
    yield chunk
  }
}

interface Sample {
  readonly sample: Buffer
  readonly complete: boolean
}

/** Takes the first chunks off; the iterator goes on behind them. */
async function takeSample(chunks: AsyncGenerator<Uint8Array>): Promise<Sample> {
  const taken: Uint8Array[] = []
  let length = 0
  while (length < sampleBytes) {
    const next = await chunks.next()
    if (next.done === true) return { sample: Buffer.concat(taken), complete: true }
    taken.push(next.value)
    length += next.value.length
  }
  return { sample: Buffer.concat(taken), complete: false }
}

async function* chain(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

async function* skip(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}
