import { describe, expect, it } from 'vitest'
import { decodeProperties, parseProperties } from '../../src/mapping/properties.ts'

const pairs = (text: string) => parseProperties(text).map(({ key, value, line }) => [line, key, value])

describe('a properties file', () => {
  it('has keys, values, comments, escapes and continued lines as Java reads them', () => {
    const text =
      '# c\n! d\nA=B\n  First\\ Name : Last\nE\\:m\\=x=Email\n"California" = S, T\nLONG=a,\\\n   b\nX=\n=Y\nZ\n\\u00e4b\\\\=q\nend\\\\\\=v=w\nPARENT=Parent\\:Account-Oracle_Id__c'
    expect(pairs(text)).toEqual([
      [3, 'A', 'B'],
      [4, 'First Name', 'Last'],
      [5, 'E:m=x', 'Email'],
      [6, '"California"', 'S, T'],
      [7, 'LONG', 'a,b'],
      [9, 'X', ''],
      [10, '', 'Y'],
      [11, 'Z', ''],
      [12, 'äb\\', 'q'],
      [13, 'end\\=v', 'w'],
      [14, 'PARENT', 'Parent:Account-Oracle_Id__c'],
    ])
  })

  it('is UTF-8 where it can be, else Latin-1; CR and CRLF end lines, too', () => {
    expect(decodeProperties(Buffer.from('Größe=A'))).toBe('Größe=A')
    expect(decodeProperties(Buffer.from('Größe=A', 'latin1'))).toBe('Größe=A')
    expect(decodeProperties(Buffer.from('\ufeffA=B'))).toBe('A=B')
    expect(pairs('A=1\rB=2\r\nC=3')).toEqual([
      [1, 'A', '1'],
      [2, 'B', '2'],
      [3, 'C', '3'],
    ])
  })
})
