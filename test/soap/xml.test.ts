import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeXml, findUnwritable } from '../../src/org/xml-text.ts'
import { childrenOf, childText, childTexts, parseXml } from '../../src/soap/parse-xml.ts'

describe('text in XML', () => {
  it('comes back as it was, whatever it holds', () => {
    const texts = fc.string({ unit: 'binary' }).filter((text) => findUnwritable(text) === undefined)
    fc.assert(
      fc.property(texts, (text) => {
        expect(childText(parseXml(`<a>${escapeXml(text)}</a>`), 'a')).toBe(text)
      }),
    )
  })

  it('has no way to hold some characters', () => {
    expect(['\u0000', 'a\u001Fb', '\uFFFE', '\uD800'].map(findUnwritable)).toEqual([0, 0x1f, 0xfffe, 0xd800])
    expect(['', 'tab\t, line\n\r', '\u007F\uE000', '🧾'].map(findUnwritable)).toEqual(Array(4).fill(undefined))
  })
})

describe('an XML document', () => {
  it('is read without prefixes and attributes, one child or several', () => {
    const root = parseXml(
      '<?xml version="1.0"?><s:A xmlns:s="u"><!-- x --><b c="1">&lt;1&#62;</b><x:b>2</x:b><d xsi:nil="true"/></s:A>',
    )
    const [a] = childrenOf(root, 'A')
    expect(childTexts(a, 'b')).toEqual(['<1>', '2'])
    expect(childText(a, 'd')).toBe('')
    expect(childrenOf(a, 'e')).toEqual([])
    expect(childTexts(a, 'A')).toEqual([])
  })

  it('may have CDATA sections, whose characters stand for themselves', () => {
    const root = parseXml('<a>1 &lt; <![CDATA[2 &lt; <b>&#10;<!DOCTYPE x>]]>&amp;<![CDATA[]]></a>')
    expect(childText(root, 'a')).toBe('1 < 2 &lt; <b>&#10;<!DOCTYPE x>&')
  })

  it('keeps a text with more entities than a parser likes to expand', () => {
    const many = '&quot;'.repeat(5_000)
    expect(childText(parseXml(`<a>${many}</a>`), 'a')).toBe('"'.repeat(5_000))
  })

  it.each([
    ['is cut short', '<a><b>'],
    ['is no XML', 'Bad gateway'],
    ['declares entities', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
  ])('that %s is not read', (_, document) => {
    expect(childrenOf(parseXml(document), 'a')).toEqual([])
  })

  it('leaves entities alone that XML does not have', () => {
    expect(childText(parseXml('<a>&nbsp;&amp;lt;&#x110000;</a>'), 'a')).toBe('&nbsp;&lt;&#x110000;')
  })
})
