import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReadBytes } from '../../src/csv/byte-readers.ts'
import { Spool } from '../../src/csv/spool.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-spool-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function readAll(read: ReadBytes): Promise<string> {
  const target = Buffer.alloc(7)
  let text = ''
  for (;;) {
    const count = await read(target, 2)
    if (count === 0) return text
    text += target.toString('latin1', 2, 2 + count)
  }
}

async function segmentCount(): Promise<number> {
  const [inner] = await readdir(folder)
  return inner === undefined ? 0 : (await readdir(join(folder, inner))).length
}

describe('a spool', () => {
  it('gives back any range of what was appended, across segments', async () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), minLength: 1, maxLength: 30 }), {
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(50), fc.nat(100), fc.nat(100), async (parts, begin, from, length) => {
        const spool = new Spool({ below: folder }, begin, 16)
        for (const part of parts) await spool.append(Buffer.from(part))
        const whole = parts.join('')
        expect(await readAll(spool.read(begin + from, begin + from + length))).toBe(whole.slice(from, from + length))
        await spool.close()
      }),
      { numRuns: 40 },
    )
  })

  it('deletes segments before the place that is released and keeps the rest', async () => {
    const spool = new Spool({ below: folder }, 100, 10)
    for (const part of ['0123456789', 'abcdefghij', 'ABCDEFGHIJ', 'end']) await spool.append(Buffer.from(part))
    expect(await segmentCount()).toBe(4)
    await spool.release(119)
    expect(await segmentCount()).toBe(3)
    expect(await readAll(spool.read(115, 200))).toBe('fghijABCDEFGHIJend')
    await spool.release(133)
    expect(await segmentCount()).toBe(1)
    await spool.append(Buffer.from('more'))
    expect(await readAll(spool.read(130, 200))).toBe('endmore')
    await spool.close()
    expect(await readdir(folder)).toEqual([])
  })

  it('makes its folder only when something is kept', async () => {
    const spool = new Spool({ below: join(folder, 'deep', 'down') }, 0)
    await spool.close()
    expect(await readdir(folder)).toEqual([])
  })

  it('says where the input could not be kept', async () => {
    await writeFile(join(folder, 'file'), '')
    const spool = new Spool({ below: join(folder, 'file') }, 0)
    await expect(spool.append(Buffer.from('a'))).rejects.toMatchObject({
      code: 'SPOOL_FAILED',
      message: expect.stringContaining(join(folder, 'file')),
    })
  })
})
