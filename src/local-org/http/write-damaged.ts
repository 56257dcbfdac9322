import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../faults.ts'

/** The faults of a body that is on its way. */
export type Damage = Pick<Fault, 'cutBody' | 'shortBody' | 'wrongLength' | 'dripMs'>

export function isDamage({ cutBody, shortBody, wrongLength, dripMs }: Fault): boolean {
  return [cutBody, shortBody, wrongLength, dripMs].some((given) => given !== undefined)
}

/** Writes a body, packed or not, and does to it what the fault says. */
export async function writeDamaged(body: Readable, response: ServerResponse, damage: Damage): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(Buffer.from(piece))
  const bytes = Buffer.concat(pieces)
  const { cutBody, shortBody, wrongLength, dripMs } = damage
  if (shortBody !== undefined) {
    response.removeHeader('Content-Length')
    response.end(bytes.subarray(0, shortBody))
  } else if (dripMs !== undefined) {
    await drip(bytes, response, dripMs)
  } else {
    if (wrongLength !== undefined) response.setHeader('Content-Length', bytes.length + wrongLength)
    response.flushHeaders()
    const sent = bytes.subarray(0, cutBody)
    if (sent.length > 0) await new Promise<void>((resolve) => response.write(sent, () => resolve()))
    response.socket?.destroy()
  }
}

async function drip(bytes: Buffer, response: ServerResponse, milliseconds: number): Promise<void> {
  const length = Math.max(1, Math.ceil(bytes.length / 16))
  for (let from = 0; from < bytes.length; from += length) {
    await delay(milliseconds, undefined, { ref: false })
    response.write(bytes.subarray(from, from + length))
  }
  response.end()
}
