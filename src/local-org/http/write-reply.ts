import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Reply } from './reply.ts'
import { type Damage, writeDamaged } from './write-damaged.ts'

export interface WriteOptions {
  /** Value of `Sforce-Limit-Info`, where the call counted. */
  readonly limitInfo: string | undefined
  /** What happens to the body on its way. */
  readonly damage: Damage | undefined
}

/** Bodies below this size are not worth packing. */
const smallestPacked = 1024

/** Writes an answer, packed with gzip when the client takes that, streamed when the body is a stream. */
export async function writeReply(
  message: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  { limitInfo, damage }: WriteOptions,
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
  if (damage === undefined) await pipeline([source, ...stages, response])
  else
    await writeDamaged(
      stages.reduce<Readable>((from, stage) => from.pipe(stage), source),
      response,
      damage,
    )
}

function takesGzip(message: IncomingMessage): boolean {
  return /\bgzip\b/.test(String(message.headers['accept-encoding'] ?? ''))
}

function notWhole(body: Exclude<Reply['body'], undefined>): AsyncIterable<Buffer> {
  if (typeof body === 'string' || Buffer.isBuffer(body)) throw new TypeError('a stream was expected')
  return body
}
