import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FileWriter } from '../../src/extract/file-writer.ts'
import { privateFolder } from '../support/run.ts'

const blocks = fc.array(fc.nat({ max: 3_000_000 }), { maxLength: 6 })

test('blocks of any size stand in the file in their order, though each is overwritten when it has been handed over', async () => {
  const path = join(privateFolder(), 'rows.csv')
  await fc.assert(
    fc.asyncProperty(blocks, async (sizes) => {
      const file = await open(path, 'w')
      let written = 0
      const writer = new FileWriter(file, (bytes) => {
        written += bytes
      })
      const whole = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0))
      for (let at = 0; at < whole.length; at += 4) whole.writeUInt8((at / 4) % 251, at)
      let from = 0
      for (const size of sizes) {
        const block = Buffer.from(whole.subarray(from, from + size))
        await writer.write(block)
        block.fill(0xff)
        from += size
      }
      await writer.flush()
      await file.close()
      expect(written).toBe(whole.length)
      expect(whole.equals(await readFile(path))).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test.skipIf(process.platform !== 'linux')('a full disk is told to whoever writes or flushes next', async () => {
  const file = await open('/dev/full', 'w')
  const writer = new FileWriter(file, () => undefined)
  const block = Buffer.alloc(1 << 20)
  await expect(writer.write(block).then(() => writer.flush())).rejects.toThrow(/ENOSPC/)
  await expect(
    (async () => {
      for (;;) await writer.write(block)
    })(),
  ).rejects.toThrow(/ENOSPC/)
  await file.close()
})
