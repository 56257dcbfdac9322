import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, findNearest } from '../src/nearest.ts'

const names = [
  'Id',
  'Account',
  'AccountNumber',
  'Contact',
  'LastName',
  'FirstName',
  'Email',
  'ERP_Id__c',
  'acme__Invoice__c',
]

test.each([
  ['Acount', ['Account']],
  ['accuont', ['Account']],
  ['Lastname ', ['LastName']],
  ['Frist_Name', ['FirstName']],
  ['ERP_Id', ['ERP_Id__c']],
  ['Invoice', ['acme__Invoice__c']],
  ['Shoe size', []],
  ['c0', []],
])('%s is near to %o', (wanted, nearest) => {
  const found = findNearest(wanted, names)
  expect(found.slice(0, 1)).toEqual(nearest)
})

test('the most alike come first, and not too many', () => {
  expect(findNearest('Name', ['Name5', 'Name', 'Nam', 'Named', 'Nmae'])).toEqual(['Name', 'Nam', 'Nmae'])
})

test('the distance of two texts is a distance', () => {
  const word = fc.stringMatching(/^[abc]{0,6}$/)
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, b) === 0).toBe(a === b)
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      expect(editDistance(a, b, 2)).toBe(Math.min(editDistance(a, b), 3))
    }),
  )
})
