import type { ClientRequest } from 'node:http'

/** A body on its way out. */
export interface Upload {
  readonly bytesSent: () => number
  /** Whether the body's source has the word: silence on the connection is then not the other side's. */
  isWaiting(): boolean
  /** The error that the body's source threw. */
  sourceError(): Error | undefined
}

/** Small writes cost a third of the throughput: 525 MB/s with 64 KiB, 1,590 with 1 MiB. */
const writeSize = 1024 * 1024

/**
 * Writes the body of a request and ends it. A stream is asked for its next chunk only after the last one has left, so
 * its chunks may share one buffer.
 */
export function uploadBody(
  request: ClientRequest,
  body: string | Buffer | AsyncIterable<Uint8Array> | undefined,
): Upload {
  const state: State = { bytesSent: 0, waiting: false, sourceError: undefined }
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    if (bytes !== undefined) request.setHeader('content-length', bytes.length)
    request.end(bytes, () => {
      state.bytesSent = bytes?.length ?? 0
    })
  } else {
    void stream(request, body, state)
  }
  return {
    bytesSent: () => state.bytesSent,
    isWaiting: () => state.waiting,
    sourceError: () => state.sourceError,
  }
}

interface State {
  bytesSent: number
  waiting: boolean
  sourceError: Error | undefined
}

async function stream(request: ClientRequest, body: AsyncIterable<Uint8Array>, state: State): Promise<void> {
  try {
    for await (const bytes of gather(body, state)) {
      if (request.destroyed) return
      await write(request, bytes)
      state.bytesSent += bytes.length
    }
    if (request.destroyed) return
    request.end()
  } catch (error) {
    const sourceError = error instanceof Error ? error : new Error(String(error))
    state.sourceError = sourceError
    request.destroy(sourceError)
  }
}

/** Joins small chunks to writes of about `writeSize`; larger ones pass as they are, since each that is joined is copied twice. */
async function* gather(body: AsyncIterable<Uint8Array>, state: State): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = []
  let size = 0
  state.waiting = true
  for await (const chunk of body) {
    state.waiting = false
    if (size + chunk.length < writeSize && chunk.length < writeSize / 2) {
      pending.push(Buffer.from(chunk))
      size += chunk.length
    } else {
      if (size > 0) yield Buffer.concat(pending, size)
      pending = []
      size = 0
      yield chunk
    }
    state.waiting = true
  }
  state.waiting = false
  if (size > 0) yield Buffer.concat(pending, size)
}

/** Resolves when the bytes have left, or the connection has ended: the request then carries the error itself. */
function write(request: ClientRequest, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    request.once('close', resolve)
    request.write(bytes, () => {
      request.off('close', resolve)
      resolve()
    })
  })
}
