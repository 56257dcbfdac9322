import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childTexts, escapeXml, parseXml } from '../../src/local-org/http/soap-xml.ts'

/** Characters that XML 1.0 has. */
const texts = fc
  .array(fc.oneof(fc.constantFrom('&', '<', '>', ']]', '"', '\n', '\r', '\t', ' '), fc.string({ unit: 'binary' })), {
    maxLength: 8,
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for these characters
  .map((pieces) => pieces.join('').replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '?'))

describe('a document', () => {
  it('gives back every text that was put into it, long or short', () => {
    const repeated = fc.tuple(texts, fc.constantFrom(1, 1, 1, 2000)).map(([text, times]) => text.repeat(times))
    fc.assert(
      fc.property(fc.array(repeated, { minLength: 1, maxLength: 4 }), (values) => {
        const elements = values.map((value) => `<p:v a="1>2">${escapeXml(value)}</p:v>`)
        const root = parseXml(`<?xml version="1.0"?><p:r xmlns:p="urn:p"><!-- > -->${elements.join('\n')}</p:r>`)
        expect(root?.name).toBe('r')
        expect(root && childTexts(root, 'v')).toEqual(values)
      }),
    )
  })

  it('has one root, whose elements end', () => {
    for (const text of ['', 'x', '<a>', '<a></b>', '<a/><b/>', '<a><b></a></b>']) expect(parseXml(text)).toBeUndefined()
  })

  it.each([
    ['<p:a/>', undefined],
    ['<a><p:b/></a>', undefined],
    ['<a p:c="1"/>', undefined],
    ['<a><b xmlns:p="urn:p"/><p:b/></a>', undefined],
    ['<p:a xmlns:p="urn:p"/>', 'a'],
    ['<a xmlns:p="urn:p"><b><p:c p:d="1" xml:lang="en"/></b></a>', 'a'],
  ])('declares the prefixes that it uses: %s', (text, root) => {
    expect(parseXml(text)?.name).toBe(root)
  })
})
