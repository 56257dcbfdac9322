import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatId, normalizeId } from '../../src/values/record-id.ts'

const numbers = fc.integer({ min: 0, max: 62 ** 6 })

describe('record ids', () => {
  it.each([
    ['0018c00002FInbo', 'AAD'],
    ['750P0000006HoSQ', 'IA0'],
    ['006A000000Lbiiz', 'IAB'],
    ['003RM0000068xVC', 'YAY'],
    ['00DA0000000YpZ4', 'MAK'],
  ])('%s has the checksum %s', (id, checksum) => {
    expect(normalizeId(id)).toBe(id + checksum)
  })

  it('come back from any spelling of their 18 characters', () => {
    fc.assert(
      fc.property(fc.constantFrom('001', '00Q', 'a0B', '7tZ'), numbers, (prefix, number) => {
        const id = formatId(prefix, number)
        for (const spelling of [id, id.slice(0, 15), id.toLowerCase(), id.toUpperCase()]) {
          expect(normalizeId(spelling)).toBe(id)
        }
      }),
    )
  })

  it('differ for different numbers and sort as the numbers do', () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const [a, b] = [formatId('001', one), formatId('001', other)]
        expect(Math.sign(one - other)).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })

  it.each([
    '',
    '001',
    '0018c00002FInboAA',
    '0018c00002FInboAADX',
    '0018c00002FInbo!!!',
    '0018c00002FInb-',
    '0018c00002FInboAA9',
  ])('%j is none', (text) => {
    expect(normalizeId(text)).toBeUndefined()
  })
})
