import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatRow, renameHeader } from '../../src/extract/rename-header.ts'

const rename = (line: string, names: Record<string, string>) =>
  Buffer.from(renameHeader(Buffer.from(line), new Map(Object.entries(names)))).toString()

describe('a header line', () => {
  test('stays as it stands when no column is called otherwise', () => {
    expect(rename('"Id",Name', {})).toBe('"Id",Name')
  })

  test('is found by names in any case, quoted or not', () => {
    expect(rename('"Id",Account.Name,"X__c"', { ID: 'Key', 'account.name': 'Konto' })).toBe('"Key","Konto","X__c"')
  })

  test('keeps any other names through renaming', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'B', '"', ',', ' ', '.', '_'), minLength: 1 })
    fc.assert(
      fc.property(fc.array(name, { maxLength: 6 }), (others) => {
        expect(rename(formatRow(['Id', ...others]), { Id: 'Id' })).toBe(
          formatRow(['Id', ...others.map((other) => (other.toLowerCase() === 'id' ? 'Id' : other))]),
        )
      }),
    )
  })

  test('without the column is an error that names those there are', () => {
    expect(() => rename('Id,Name', { Nmae: 'x' })).toThrow('the query has no column Nmae')
  })
})
