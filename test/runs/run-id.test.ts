import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRunId } from '../../src/runs/run-id.ts'

it('names a run by its time in UTC', () => {
  expect(createRunId(new Date('2026-11-21T13:53:23.456Z'), () => 0)).toBe('20261121-135323-g622')
})

it('gives ids that sort by time, two thousandths of a second apart, and are fit for file names', () => {
  const time = fc.integer({ min: 0, max: 2e12 }).map((number) => new Date(number * 2))
  fc.assert(
    fc.property(time, time, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (one, other, random) => {
      const [first, second] = [createRunId(one, () => random), createRunId(other, () => random)]
      expect(first).toMatch(/^\d{8}-\d{6}-[a-z2-9]{4}$/)
      expect(first < second).toBe(one < other)
    }),
  )
})
