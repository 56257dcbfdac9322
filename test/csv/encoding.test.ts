import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseEncoding, encodingNamed } from '../../src/csv/encoding.ts'
import { decodeText, transcode } from '../../src/csv/transcode.ts'

function detect(sample: Buffer | string, told?: string): string {
  return chooseEncoding(Buffer.from(sample), told, 'accounts.csv').name
}

/** Text in Windows-1252, where it differs from Latin-1 only by what these tests do not use. */
function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

describe('chooseEncoding', () => {
  it('follows a byte order mark, even against what was told', () => {
    expect(chooseEncoding(Buffer.from('\ufeffa,b'), 'latin1', 'x')).toEqual({ name: 'utf-8', bomBytes: 3 })
    expect(chooseEncoding(Buffer.from('\ufeffa,b', 'utf16le'), undefined, 'x')).toEqual({
      name: 'utf-16le',
      bomBytes: 2,
    })
    expect(chooseEncoding(Buffer.from('\ufeffa,b', 'utf16le').swap16(), undefined, 'x')).toEqual({
      name: 'utf-16be',
      bomBytes: 2,
    })
  })

  it('follows what was told where there is no mark', () => {
    expect(detect('a,b', 'latin1')).toBe('windows-1252')
    expect(detect('a,b', 'UTF-16')).toBe('utf-16le')
    expect(detect(Buffer.of(0, 1, 2), 'utf8')).toBe('utf-8')
  })

  it('takes sound UTF-8 for UTF-8, cut in the middle of a character too', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'ü', '€', '😀', ',', '\n'), minLength: 1 }),
        fc.nat(3),
        (text, cut) => {
          const bytes = Buffer.from(text)
          expect(detect(bytes.subarray(0, Math.max(1, bytes.length - cut)))).toBe('utf-8')
        },
      ),
    )
  })

  it.each([
    ['German', 'Name,Stadt\nMüller,Köln\nGroß,Gießen\nÖzil,Überlingen\n'],
    ['French', 'Nom;Ville\nFrançois;Orléans\nÉlise;Nîmes\nnaïve;«à côté»\n'],
    ['words of one letter among others', 'Nom;Commande à livrer\nHélène;rue à Paris\nZoé;à Metz\n'],
    ['a header of one letter', 'Größe,Ä\n1,2\n'],
    ['a price', 'Name,Price\nTea,\x80 5\n'],
    ['typographic quotes', 'Name,Note\nTea,\x93good\x94 \x96 it\x92s fine\n'],
  ])('takes %s in Windows-1252 for that', (_, text) => {
    expect(detect(latin(text))).toBe('windows-1252')
  })

  it.each([
    ['one lost byte in UTF-8', Buffer.concat([Buffer.from('a,ü\nb,'), Buffer.of(0xfc), Buffer.from('ber\n')])],
    ['a high byte that stands alone', latin('a,b\n1,\xfc\n')],
    ['bytes that Windows-1252 does not have', latin('M\xfcller,\x81\n')],
    ['0xFF', latin('a\xff,b\n')],
    [
      'a lot of high bytes that are no words',
      Buffer.from(Array.from({ length: 64 }, (_, index) => 0xd7 - (index % 2))),
    ],
  ])('takes %s for UTF-8 with faulty records', (_, bytes) => {
    expect(detect(bytes)).toBe('utf-8')
  })

  it('tells UTF-16 without a mark from binary data by where the NULs are', () => {
    const text = 'Name,City\nMüller,Łódź\n'
    expect(detect(Buffer.from(text, 'utf16le'))).toBe('utf-16le')
    expect(detect(Buffer.from(text, 'utf16le').swap16())).toBe('utf-16be')
    expect(() => detect(Buffer.from('a,b\0\0c,d\0\0'))).toThrow(/binary/)
    expect(() => detect(`${text.repeat(20)}\0`)).toThrow(/binary/)
    for (const stray of ['Name\na\0b\n', 'N\0me\n', 'Näme,b\n\0,']) expect(() => detect(stray)).toThrow(/binary/)
    for (const wide of ['Имя\nЯ\n', '姓名,号\n李,7\n', 'Name\nx\n', 'Straße;Ort\n'])
      expect(detect(Buffer.from(wide, 'utf16le'))).toBe('utf-16le')
  })

  it('lists encodings where it does not know one', () => {
    expect(encodingNamed('CP1252')).toBe('windows-1252')
    expect(() => encodingNamed('ebcdic')).toThrow('unknown encoding: ebcdic')
  })
})

describe('transcode', () => {
  async function transcoded(bytes: Uint8Array, encoding: string, pieceBytes: number): Promise<string> {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
    }
    const parts: Buffer[] = []
    for await (const part of transcode(pieces(), encoding)) parts.push(part)
    return Buffer.concat(parts).toString()
  }

  it('gives the text of UTF-16 whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), async (text, pieceBytes) => {
        const sound = text.replace(/^\ufeff/, '')
        const bytes = Buffer.from(sound, 'utf16le')
        expect(await transcoded(bytes, 'utf-16le', pieceBytes)).toBe(sound)
        expect(await transcoded(bytes.swap16(), 'utf-16be', pieceBytes)).toBe(sound)
      }),
    )
  })

  it('knows the bytes in which Windows-1252 differs from Latin-1', async () => {
    expect(await transcoded(latin('\x80 \x93M\xfcller\x94 \x9a\x8e\x9f'), 'windows-1252', 2)).toBe('€ “Müller” šŽŸ')
    expect(decodeText(latin('\x80 \x93M\xfcller\x94'), 'windows-1252')).toBe('€ “Müller”')
  })

  it('marks bytes that are no characters', async () => {
    expect(await transcoded(latin('a\x81b'), 'windows-1252', 9)).toBe('a\ufffdb')
    expect(await transcoded(latin('a\x00b'), 'utf-16le', 9)).toBe('a\ufffd')
    expect(await transcoded(latin('\x82\xa0\x82'), 'shift_jis', 1)).toBe('あ\ufffd')
    expect(decodeText(latin('a\x81b'), 'windows-1252')).toBeUndefined()
    expect(decodeText(latin('a\xff'), 'utf-8')).toBeUndefined()
  })
})
