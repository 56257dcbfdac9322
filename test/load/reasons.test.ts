import { expect, it } from 'vitest'
import { reasonName } from '../../src/load/account.ts'

it('of rows that are rejected for the same cause are one, whether they name fields or none', () => {
  const named = (value: string): string => reasonName(`BAD_VALUE:Rating: bad value: ${value}:Rating__c Other__c --`)
  const unnamed = (value: string): string => reasonName(`BAD_VALUE:Rating: bad value: ${value}:--`)
  expect(named('hot')).toBe(named('cold: very'))
  expect(unnamed('hot')).toBe(unnamed('cold: very'))
  expect(named('hot')).not.toBe(unnamed('hot'))
})
