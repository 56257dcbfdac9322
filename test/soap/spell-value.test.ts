import { describe, expect, it } from 'vitest'
import { spellValue } from '../../src/soap/spell-value.ts'

describe('a cell of a typed field', () => {
  it.each([
    ['boolean', 'TRUE', 'true'],
    ['boolean', 'False', 'false'],
    ['boolean', ' 1 ', '1'],
    ['int', '-12', '-12'],
    ['double', '+7.5e-3', '+7.5e-3'],
    ['currency', '.5', '.5'],
    ['percent', '20', '20'],
    ['date', '2024-02-29', '2024-02-29'],
    ['date', '1940-06-07Z', '1940-06-07Z'],
    ['datetime', '2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
    ['datetime', '2026-03-01T10:00:00.123+0530', '2026-03-01T10:00:00.123+05:30'],
    ['time', '23:59:59.999Z', '23:59:59.999Z'],
    ['string', ' as it is ', ' as it is '],
    ['picklist', 'TRUE', 'TRUE'],
  ])('of type %s: %s is sent as %s', (type, cell, text) => {
    expect(spellValue(type, cell)).toEqual({ text, fits: true })
  })

  it.each([
    ['boolean', 'yes'],
    ['int', '250.0'],
    ['int', '2147483648'],
    ['double', '12,5'],
    ['currency', '€ 5'],
    ['date', '2026-02-29'],
    ['date', '01.03.2026'],
    ['datetime', '2026-03-01'],
    ['datetime', '2026-03-01T24:00:00Z'],
    ['datetime', '2026-03-01T10:00:00'],
    ['time', '25:00:00Z'],
  ])('of type %s: %s is for the service to refuse', (type, cell) => {
    expect(spellValue(type, cell)).toEqual({ text: cell, fits: false })
  })
})
