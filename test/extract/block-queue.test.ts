import { describe, expect, test } from 'vitest'
import { BlockQueue } from '../../src/extract/block-queue.ts'

const bytes = (length: number) => new Uint8Array(length)

/** Whether a promise has resolved by the time that everything else at hand is done. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  const settle = () => {
    done = true
  }
  promise.then(settle, settle)
  await new Promise((resolve) => setImmediate(resolve))
  return done
}

describe('the queue of blocks', () => {
  test('gives the blocks in their order', async () => {
    const queue = new BlockQueue(100)
    await queue.push(bytes(1))
    await queue.push(bytes(2))
    queue.close()
    const lengths: number[] = []
    for await (const block of queue) lengths.push(block.length)
    expect(lengths).toEqual([1, 2])
  })

  test('lets the writer wait while it is full, until a block is taken', async () => {
    const queue = new BlockQueue(10)
    await queue.push(bytes(6))
    const second = queue.push(bytes(6))
    expect(await isDone(second)).toBe(false)
    await queue[Symbol.asyncIterator]().next()
    expect(await isDone(second)).toBe(true)
  })

  test('lets the reader wait while it is empty', async () => {
    const queue = new BlockQueue(10)
    const first = queue[Symbol.asyncIterator]().next()
    expect(await isDone(first)).toBe(false)
    await queue.push(bytes(3))
    expect((await first).value).toHaveLength(3)
  })

  test('gives a failure after the blocks before it, and frees a waiting writer', async () => {
    const queue = new BlockQueue(1)
    const waiting = queue.push(bytes(5))
    queue.fail(new Error('given up'))
    expect(await isDone(waiting)).toBe(true)
    const reader = queue[Symbol.asyncIterator]()
    expect((await reader.next()).value).toHaveLength(5)
    await expect(reader.next()).rejects.toThrow('given up')
  })
})
