import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { echoCell, spellDouble } from '../../../src/local-org/jobs/spell-number.ts'

describe('numbers as the service echoes them', () => {
  it.each([
    [912260031, '9.12260031E8'],
    [5, '5.0'],
    [0, '0.0'],
    [-12.5, '-12.5'],
    [0.001, '0.001'],
    [0.0005, '5.0E-4'],
    [9999999.5, '9999999.5'],
    [10_000_000, '1.0E7'],
    [1e21, '1.0E21'],
    [-1.5e-10, '-1.5E-10'],
  ])('%d is spelt %s', (value, text) => {
    expect(spellDouble(value)).toBe(text)
  })

  it('says the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(spellDouble(value))).toBe(value)
        expect(spellDouble(value)).toMatch(/^-?\d+\.\d+(E-?\d+)?$/)
      }),
    )
  })

  it('re-spells only cells of floating types that are numbers', () => {
    expect(echoCell('912260031', 'currency')).toBe('9.12260031E8')
    expect(echoCell('1.50', 'percent')).toBe('1.5')
    expect(echoCell('912260031', 'int')).toBe('912260031')
    expect(echoCell('007', 'string')).toBe('007')
    expect(echoCell('', 'double')).toBe('')
    expect(echoCell('#N/A', 'double')).toBe('#N/A')
    expect(echoCell('12 pieces', 'double')).toBe('12 pieces')
  })
})
