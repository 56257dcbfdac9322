import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readFileRange } from '../../src/csv/byte-readers.ts'

/** Longer than two of the pieces that are read ahead. */
const content = Buffer.from(Array.from({ length: 1_300_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff))

async function openContent() {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-read-'))
  await writeFile(join(folder, 'content'), content)
  const file = await open(join(folder, 'content'))
  onTestFinished(async () => {
    await file.close()
    await rm(folder, { recursive: true, force: true })
  })
  return file
}

describe('readFileRange', () => {
  it('gives each byte of the range once and in order, whatever room its reader has', async () => {
    const file = await openContent()
    const place = fc.integer({ min: 0, max: content.length + 10 })
    const room = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 500_000, max: 600_000 }))
    const rooms = fc.array(room, { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(place, place, rooms, async (one, other, sizes) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)]
        const read = readFileRange(file, from, to)
        const target = Buffer.alloc(content.length)
        let length = 0
        for (let turn = 0; ; turn++) {
          const count = await read(target.subarray(0, length + sizes[turn % sizes.length]!), length)
          if (count === 0) break
          length += count
        }
        expect(target.subarray(0, length).equals(content.subarray(from, to))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('throws what the file fails with when its reader comes to it', async () => {
    const file = await openContent()
    await file.close()
    const read = readFileRange(file, 0, content.length)
    await expect(read(Buffer.alloc(10), 0)).rejects.toThrow('closed')
  })
})
