import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Reply } from './reply.ts'

export interface WriteOptions {
  /** Value of `Sforce-Limit-Info`, where the call counted. */
  readonly limitInfo: string | undefined
  /** Bytes on the wire after which the connection is cut. */
  readonly cutAfter: number | undefined
}

/** Bodies below this size are not worth packing. */
const smallestPacked = 1024

/** Writes an answer, packed with gzip when the client takes that, streamed when the body is a stream. */
export async function writeReply(
  message: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  { limitInfo, cutAfter }: WriteOptions,
): Promise<void> {
  const { body } = reply
  response.statusCode = reply.status
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value)
  if (limitInfo !== undefined) response.setHeader('Sforce-Limit-Info', limitInfo)
  if (body === undefined) {
    response.end()
    return
  }
  const whole = typeof body === 'string' ? Buffer.from(body) : Buffer.isBuffer(body) ? body : undefined
  const packs = takesGzip(message) && (whole === undefined || whole.length >= smallestPacked)
  if (packs) response.setHeader('Content-Encoding', 'gzip')
  else if (whole !== undefined) response.setHeader('Content-Length', whole.length)
  const source = whole === undefined ? Readable.from(notWhole(body), { objectMode: false }) : Readable.from([whole])
  const stages: Transform[] = packs ? [createGzip({ level: 1 })] : []
  if (cutAfter === undefined) await pipeline([source, ...stages, response])
  else await writeCut(source, stages, response, cutAfter)
}

function takesGzip(message: IncomingMessage): boolean {
  return /\bgzip\b/.test(String(message.headers['accept-encoding'] ?? ''))
}

function notWhole(body: Exclude<Reply['body'], undefined>): AsyncIterable<Buffer> {
  if (typeof body === 'string' || Buffer.isBuffer(body)) throw new TypeError('a stream was expected')
  return body
}

/** Sends the first bytes of the body and cuts the connection. */
async function writeCut(source: Readable, stages: Transform[], response: ServerResponse, cutAfter: number) {
  let left = cutAfter
  response.flushHeaders()
  const packed = stages.reduce<Readable>((from, stage) => from.pipe(stage), source)
  for await (const piece of packed) {
    const bytes = Buffer.from(piece).subarray(0, left)
    left -= bytes.length
    await new Promise<void>((resolve) => response.write(bytes, () => resolve()))
    if (left === 0) break
  }
  response.socket?.destroy()
}
