import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeyLog } from '../../src/load/key-log.ts'
import { PageFile, pageBytes } from '../../src/load/page-file.ts'

function numbersFrom(first: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, number) => first + number)
}

function read(log: KeyLog, count: number): Uint32Array {
  const found = new Uint32Array(count)
  log.copyTo(found)
  return found
}

function areSame(one: Uint32Array, other: Uint32Array): boolean {
  return Buffer.from(one.buffer).equals(Buffer.from(other.buffer))
}

describe('the keys of rows', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sfbulk-keys-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('come back in the order of the rows, whatever their number, how many were added at a time, and how many parts wait', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(fc.record({ counts, isOver: fc.boolean() }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (parts, isSpooled) => {
          const pages = new PageFile(isSpooled ? folder : undefined)
          const waiting: { readonly log: KeyLog; readonly all: Uint32Array }[] = []
          for (const [part, { counts, isOver }] of parts.entries()) {
            const log = new KeyLog(pages)
            const total = counts.reduce((sum, count) => sum + count, 0)
            const all = numbersFrom(part * 1_000_000, 2 * total)
            let from = 0
            for (const count of counts) {
              log.add(all.subarray(from, from + 2 * count))
              from += 2 * count
            }
            waiting.push({ log, all })
            if (isOver) waiting.shift()?.log.close()
          }
          for (const { log, all } of waiting) expect(areSame(read(log, all.length), all)).toBe(true)
          pages.close()
        },
      ),
      { numRuns: 30 },
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it('of one part after the other take the place of those before', () => {
    const pages = new PageFile(folder)
    const sizes = Array.from({ length: 5 }, () => {
      const log = new KeyLog(pages)
      log.add(numbersFrom(0, 100_000))
      log.close()
      log.close()
      const [made] = readdirSync(folder)
      return statSync(join(folder, made!, 'pages')).size
    })
    expect(new Set(sizes)).toEqual(new Set([6 * pageBytes]))
    const [first, second, third] = [pages.lend(), pages.lend(), pages.lend()]
    expect(new Set([first, second, third]).size).toBe(3)
    pages.close()
  })

  it('stay in memory when there is no place for a file', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const log = new KeyLog(new PageFile(file))
    const all = numbersFrom(0, 600_000)
    log.add(all)
    expect(areSame(read(log, all.length), all)).toBe(true)
  })
})
