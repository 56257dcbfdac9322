import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FileWriter } from '../../src/extract/file-writer.ts'
import { privateFolder } from '../support/run.ts'

const sizes = fc.array(
  fc.oneof(
    fc.nat({ max: 40 }).map((size) => [size]),
    fc.nat({ max: 3_000_000 }).map((size) => [size]),
    // More than the system takes at a time.
    fc.nat({ max: 2 }).map((size) => Array.from({ length: 1_500 }, () => size)),
  ),
  { maxLength: 6 },
)

function numbered(length: number): Buffer {
  const whole = Buffer.alloc(Math.ceil(length / 4) * 4)
  for (let at = 0; at < length; at += 4) whole.writeUInt32LE(at, at)
  return whole.subarray(0, length)
}

/** Blocks in memory of their own. */
function cut(whole: Buffer, lengths: readonly number[]): Buffer[] {
  let at = 0
  return lengths.map((length) => {
    const block = Buffer.allocUnsafeSlow(length)
    at += whole.copy(block, 0, at, at + length)
    return block
  })
}

test('blocks of any size stand in the file in their order, and their memory is given back when they are written', async () => {
  const path = join(privateFolder(), 'rows.csv')
  await fc.assert(
    fc.asyncProperty(sizes, async (groups) => {
      const lengths = groups.flat()
      const whole = numbered(lengths.reduce((sum, size) => sum + size, 0))
      const file = await open(path, 'w')
      let written = 0
      const writer = new FileWriter(file, (bytes) => {
        written += bytes
      })
      const blocks = cut(whole, lengths)
      for (const block of blocks) await writer.write(block)
      await writer.flush()
      await file.close()
      expect(written).toBe(whole.length)
      expect(whole.equals(await readFile(path))).toBe(true)
      expect(blocks.filter(({ length }) => length > 16_384)).toEqual([])
    }),
    { numRuns: 20 },
  )
})

test('what a system takes piece by piece and late is written whole, and only once', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.array(fc.nat({ max: 400_000 }), { minLength: 1, maxLength: 5 }),
      async (groups, takes) => {
        const lengths = groups.flat()
        const whole = numbered(lengths.reduce((sum, size) => sum + size, 0))
        const taken: Buffer[] = []
        let calls = 0
        const writev = async (blocks: readonly Uint8Array[]) => {
          await new Promise((resolve) => setImmediate(resolve))
          const most = takes[calls++ % takes.length]! + 60_000
          const bytes = Buffer.concat(blocks).subarray(0, most)
          taken.push(bytes)
          return { bytesWritten: bytes.length }
        }
        const writer = new FileWriter({ writev }, () => undefined)
        for (const block of cut(whole, lengths)) await writer.write(block)
        await writer.flush()
        expect(Buffer.concat(taken).equals(whole)).toBe(true)
      },
    ),
    { numRuns: 20 },
  )
})

test.skipIf(process.platform !== 'linux')('a full disk is told to whoever writes or flushes next', async () => {
  const file = await open('/dev/full', 'w')
  const writer = new FileWriter(file, () => undefined)
  const block = () => Buffer.alloc(1 << 20)
  await expect(writer.write(block()).then(() => writer.flush())).rejects.toThrow(/ENOSPC/)
  await expect(
    (async () => {
      for (;;) await writer.write(block())
    })(),
  ).rejects.toThrow(/ENOSPC/)
  await file.close()
})
