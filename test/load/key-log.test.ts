import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeyLog } from '../../src/load/key-log.ts'

describe('the keys of rows', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sfbulk-keys-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('come back in the order of the rows, whatever their number and how many were added at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 4 }),
        fc.boolean(),
        (counts, isSpooled) => {
          const log = new KeyLog(isSpooled ? folder : undefined)
          const total = counts.reduce((sum, count) => sum + count, 0)
          const all = Uint32Array.from({ length: 2 * total }, (_, number) => number)
          let from = 0
          for (const count of counts) {
            log.add(all.subarray(from, from + 2 * count))
            from += 2 * count
          }
          const found = new Uint32Array(all.length)
          log.copyTo(found)
          log.close()
          expect(Buffer.compare(Buffer.from(found.buffer), Buffer.from(all.buffer))).toBe(0)
        },
      ),
      { numRuns: 20 },
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it('stay in memory when there is no place for a file', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const log = new KeyLog(file)
    const all = Uint32Array.from({ length: 600_000 }, (_, number) => number)
    log.add(all)
    const found = new Uint32Array(all.length)
    log.copyTo(found)
    expect(found).toEqual(all)
  })
})
