import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createJobStore } from '../../../src/local-org/jobs/job-store.ts'
import { createUploads, UploadTooLarge } from '../../../src/local-org/jobs/uploads.ts'
import { openDatabase } from '../../../src/sqlite/database.ts'

function openUploads() {
  const storage = openDatabase(':memory:')
  createJobStore({ storage, newId: () => '', now: () => 0, owner: 'me', isAlive: () => true })
  return createUploads(storage)
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

describe('uploads', () => {
  it('give back the bytes that came, however they were cut on the way', async () => {
    const uploads = openUploads()
    const bytes = Buffer.alloc(700_001, 'Id,Name\n001,"ä€"\n')
    for (const size of [100_000, 262_144, 700_001]) {
      const { uploadBytes } = await uploads.store(`job${size}`, inPieces(bytes, size), 1_000_000)
      expect(uploadBytes).toBe(bytes.length)
      expect(Buffer.concat([...uploads.read(`job${size}`)]).equals(bytes)).toBe(true)
    }
  })

  it('know which line endings are in them, also where one falls between two pieces', async () => {
    const uploads = openUploads()
    let number = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('\r', '\n', 'a'), { maxLength: 12 }), async (characters) => {
        const text = characters.join('')
        number += 1
        const facts = await uploads.store(`job${number}`, inPieces(Buffer.from(text), 1), 100)
        expect(facts.hasCrlf).toBe(/\r\n/.test(text))
        expect(facts.hasBareLf).toBe(/(?<!\r)\n/.test(text))
      }),
    )
  })

  it('take the place of what an earlier process left of the same upload', async () => {
    const uploads = openUploads()
    await uploads.store('job', inPieces(Buffer.alloc(600_000), 1000), 1_000_000)
    await uploads.store('job', inPieces(Buffer.from('Id\n'), 1), 1_000_000)
    expect(Buffer.concat([...uploads.read('job')]).toString()).toBe('Id\n')
  })

  it('leave nothing behind when they are too large', async () => {
    const uploads = openUploads()
    const tooLarge = uploads.store('job', inPieces(Buffer.alloc(600_000), 1000), 599_999)
    await expect(tooLarge).rejects.toBeInstanceOf(UploadTooLarge)
    expect([...uploads.read('job')]).toEqual([])
  })
})
