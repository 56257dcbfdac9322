import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shuffledOrder } from '../../../src/local-org/jobs/shuffle.ts'

it('gives every number once, in an order that is not that of counting, the same each time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.string(), (length, seed) => {
      const order = shuffledOrder(length, seed)
      const counting = Array.from({ length }, (_, index) => index)
      expect(order.toSorted((a, b) => a - b)).toEqual(counting)
      expect(order).not.toEqual(counting)
      expect(shuffledOrder(length, seed)).toEqual(order)
    }),
  )
})

it('leaves nothing and a single number as they are', () => {
  expect(shuffledOrder(0, 'a')).toEqual([])
  expect(shuffledOrder(1, 'a')).toEqual([0])
})
