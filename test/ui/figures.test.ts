import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, formatRows } from '../../src/ui/figures.ts'

describe('figures', () => {
  it('shows bytes in decimal units with two or three digits', () => {
    const shown = [0, 999, 1_000, 4_210, 9_949, 9_950, 999_499, 999_500, 100_000_000, 2_500_000_000].map(formatBytes)
    expect(shown).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '4.2 kB',
      '9.9 kB',
      '10 kB',
      '999 kB',
      '1.0 MB',
      '100 MB',
      '2.5 GB',
    ])
  })

  it('shows durations in the unit that people would say', () => {
    const shown = [0, 340, 999, 1_000, 9_949, 9_950, 59_499, 59_500, 200_000, 3_600_000, 7_500_000].map(formatDuration)
    expect(shown).toEqual([
      '0 ms',
      '340 ms',
      '999 ms',
      '1.0 s',
      '9.9 s',
      '10 s',
      '59 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '2 h 5 min',
    ])
  })

  it('says row for one and rows for any other count', () => {
    expect([0, 1, 2, 1_000].map(formatRows)).toEqual(['0 rows', '1 row', '2 rows', '1,000 rows'])
  })

  it('keeps any size and duration short', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e14 }), (value) => {
        expect(formatBytes(value).length).toBeLessThanOrEqual(7)
        expect(formatDuration(value % 1e9).length).toBeLessThanOrEqual(13)
      }),
    )
  })
})
