import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dropBehind } from '../../src/org/drop-bytes.ts'
import { createHttpClient } from '../../src/org/http.ts'

/** Half of it can be packed. */
const sent = Buffer.concat([randomBytes(1_500_000), Buffer.alloc(1_500_000, 'abc')])

/** The blocks of an answer, each read and kept. */
async function receive(headers: Record<string, string>, body: readonly Buffer[]) {
  const server = createServer(async (_, response) => {
    response.writeHead(200, headers)
    for (const piece of body) if (!response.write(piece)) await once(response, 'drain')
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = createHttpClient()
  onTestFinished(() => {
    client.close()
    server.close()
  })
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const answer = await client.send({ method: 'GET', url, headers: {} })
  const blocks: Buffer[] = []
  const copies: Buffer[] = []
  for await (const block of dropBehind(answer.body)) {
    blocks.push(block)
    copies.push(Buffer.from(block))
  }
  return { blocks, copy: Buffer.concat(copies) }
}

describe('the blocks of an answer that are dropped behind the reader', () => {
  const packed = gzipSync(sent)
  const pieces = (bytes: Buffer, size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, place) =>
      bytes.subarray(place * size, (place + 1) * size),
    )
  test.each([
    ['plain', { 'content-length': String(sent.length) }, [sent]],
    ['in chunks', {}, pieces(sent, 70_000)],
    ['packed', { 'content-encoding': 'gzip', 'content-length': String(packed.length) }, [packed]],
    ['packed, in chunks', { 'content-encoding': 'gzip' }, pieces(packed, 10_007)],
  ] as const)('are read whole, and most of their memory is given back: %s', async (_, headers, body) => {
    const { blocks, copy } = await receive(headers, body)
    expect(copy.equals(sent)).toBe(true)
    const held = blocks.reduce((sum, block) => sum + block.length, 0)
    expect(held).toBeLessThan(sent.length / 4)
  })

  test('keep memory that others use', async () => {
    const memory = Buffer.alloc(100_000, 'a')
    const blocks = [memory.subarray(0, 50_000), Buffer.from('short')]
    for await (const block of dropBehind(from(blocks))) expect(block.length).toBeGreaterThan(0)
    expect(blocks.map(String)).toEqual(['a'.repeat(50_000), 'short'])
  })

  test.each([8, 64])('keep the memory that Node shares out, in a version with a pool of %i KiB', async (size) => {
    const { poolSize } = Buffer
    onTestFinished(() => {
      Buffer.poolSize = poolSize
    })
    Buffer.poolSize = size * 1024
    // The first ones use up the pool from before; of the others one ends where the pool ends.
    const blocks = Array.from({ length: 40 }, () => Buffer.allocUnsafe(size * 256).fill('a'))
    for await (const block of dropBehind(from(blocks))) expect(block.length).toBeGreaterThan(0)
    expect(blocks.every((block) => block.length === size * 256)).toBe(true)
  })
})

async function* from(blocks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* blocks
}
