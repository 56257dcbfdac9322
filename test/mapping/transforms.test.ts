import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSource, transformCells } from './transform-cells.ts'

/** Entry of a mapping file; cell and what is sent for it, or how the reject ends. */
const examples: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['transform: trim', { ' a b ': 'a b', '\u00a0ü\t': 'ü', '   ': '' }],
  ['transform: collapse', { '  a   b ': 'a b' }],
  ['transform: [lower]', { 'A.B@X.AT': 'a.b@x.at', ÄÖ: 'äö', 'a"B': 'a"b' }],
  ['transform: [upper]', { 'straße 7': 'STRASSE 7', abc: 'ABC' }],
  ['transform: [title]', { 'MAIER-huber von TANN': 'Maier-Huber Von Tann', "o'neill": "O'neill" }],
  ['transform: [{ prefix: AT- }, { suffix: "!" }]', { '7': 'AT-7!', '': '' }],
  ['transform: [{ substring: { from: 2, length: 2 } }]', { abcd: 'bc', a: '', '😀😀x': '😀x' }],
  ['transform: [{ substring: { from: -3 } }]', { abcd: 'bcd', ab: 'ab' }],
  ['transform: [{ split: { by: ";", take: 2 } }]', { 'a;b;c': 'b', a: '' }],
  ['transform: [{ split: { by: ", ", take: -1 } }, upper]', { 'Huber, Anna': 'ANNA' }],
  ['transform: [{ replace: { text: ".", by: "$&" } }]', { 'a.b': 'a$&b' }],
  ['transform: [{ replace: { pattern: "[^0-9+]" } }]', { '+43 (1) 555-01': '+43155501' }],
  ['transform: [{ replace: { pattern: "^(\\\\w+) (\\\\w+)$", by: "$2, $1" } }]', { 'Anna Huber': 'Huber, Anna' }],
  ['values: { J: "true", N: "" }, otherwise: reject', { J: 'true', N: '', X: 'is none of J, N' }],
  ['values: { "": leer, J: ja }, otherwise: keep', { '': 'leer', J: 'ja', X: 'X' }],
  ['values: { J: ja }, otherwise: empty', { X: '', J: 'ja' }],
  [
    'number: de-AT',
    {
      '1.234,56': '1234.56',
      '1234,5': '1234.5',
      '-7': '-7',
      '7-': '-7',
      '1 234': '1234',
      '1 234.567': 'is no number as de-AT writes it',
      '€ 1.234.567,00': '1234567.00',
      '12,5 %': '12.5',
      ',5': '0.5',
      '1.5': 'is no number as de-AT writes it',
      '12.34,5': 'is no number as de-AT writes it',
      '1,2,3': 'is no number as de-AT writes it',
      '5,': 'is no number as de-AT writes it',
      '-': 'is no number as de-AT writes it',
    },
  ],
  ['number: "1.234,56"', { '1.234,56': '1234.56', '1.234': '1234', '1 234': 'is no number as 1.234,56 writes it' }],
  ['number: "1,234.56"', { '1,234.56': '1234.56', '1,234': '1234', '12': '12' }],
  ['number: "1\'234.56"', { "1'234.50": '1234.50', '1’234': '1234' }],
  ['number: en-IN', { '12,34,567.8': '1234567.8', '1,234,567': '1234567', '1,23': 'is no number as en-IN writes it' }],
  ['date: d.M.yy', { '24.12.60': '2060-12-24', '24.12.61': '1961-12-24' }],
  ['number: { decimal: "," }', { '1234,5': '1234.5', '1.234': 'is no number as , writes it' }],
  [
    'date: [dd.MM.yyyy, d.M.yy]',
    {
      '24.12.1990': '1990-12-24',
      '1.2.03': '2003-02-01',
      ' 24.12.1990 ': '1990-12-24',
      '29.02.2024': '2024-02-29',
      '29.02.2023': 'is no date dd.MM.yyyy or d.M.yy',
      '31.04.2023': 'is no date dd.MM.yyyy or d.M.yy',
      '24.12.1990x': 'is no date dd.MM.yyyy or d.M.yy',
    },
  ],
  [
    'date: { pattern: d. MMMM yyyy, locale: de }',
    { '3. März 2026': '2026-03-03', '3. March 2026': 'is no date d. MMMM yyyy' },
  ],
  ['date: "yyyyMMdd"', { '20261121': '2026-11-21', '20261321': 'is no date yyyyMMdd' }],
  [
    'datetime: { pattern: dd.MM.yyyy HH:mm, zone: Europe/Vienna }',
    {
      '21.11.2026 10:00': '2026-11-21T09:00:00.000Z',
      '21.07.2026 10:00': '2026-07-21T08:00:00.000Z',
      '29.03.2026 02:30': 'is no datetime dd.MM.yyyy HH:mm in Europe/Vienna',
    },
  ],
  [
    'datetime: dd.MM.yyyy HH:mm:ss',
    {
      '21.11.2026 10:00:07': '2026-11-21T10:00:07.000Z',
      '21.11.2026 24:00:00': '2026-11-22T00:00:00.000Z',
      '21.11.2026 25:00:00': 'is no datetime',
    },
  ],
  [
    'datetime: "yyyy-MM-dd\'T\'HH:mm:ssXXX"',
    { '2026-11-21T10:00:00+02:00': '2026-11-21T08:00:00.000Z', '2026-11-21T10:00:00Z': '2026-11-21T10:00:00.000Z' },
  ],
  ['time: H:mm', { '7:30': '07:30:00.000Z', '25:00': 'is no time H:mm' }],
  [
    'transform: [boolean]',
    { Ja: 'is none of yes, y, true, on, 1, x, no, n, false, off, 0', YES: 'true', '0': 'false' },
  ],
  [
    'boolean: { true: [ja, x], false: [nein, ""] }',
    { JA: 'true', '': 'false', Nein: 'false', vielleicht: 'is none of ja, x, nein, ' },
  ],
  [
    'transform: [{ hash: sha256 }]',
    { abc: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', '': '' },
  ],
  ['default: none', { '': 'none', a: 'a' }],
  ['transform: trim, default: none', { '  ': 'none', '#N/A': '#N/A' }],
]

describe('a transform', () => {
  it.each(examples)('%s gives what is expected', async (entry, expected) => {
    const cells = Object.keys(expected)
    const sent = await transformCells(await readSource(`column: c, ${entry}`), cells)
    for (const [index, cell] of cells.entries()) {
      const wanted = expected[cell]!
      if (wanted.startsWith('is n')) expect(sent[index]).toContain(`LOCAL:F: "${cell}" (column c) ${wanted}`)
      else expect([cell, sent[index]]).toEqual([cell, wanted])
    }
  })

  it('gives the same whether the kernel reads a cell, it is read as text, or was seen before', async () => {
    const chains = [
      'transform: [trim, lower]',
      'transform: [collapse]',
      'transform: [{ prefix: "Äb" }, { suffix: "" }, { suffix: x }]',
      'transform: [{ replace: { text: "a", by: "" } }, { replace: { text: ",,", by: "ö" } }, { replace: { text: ".", by: abc } }]',
      'transform: [upper, trim], default: x',
      'number: de-AT',
      'number: "1,234.56"',
      'transform: [trim], date: dd.MM.yyyy',
      'date: d.M.yyyy',
      'datetime: dd.MM.yyyy HH:mm',
      'time: HH:mm',
      'transform: [trim, { number: de }]',
      'boolean: { true: ["1"], false: ["0", ""] }',
      'transform: [{ replace: { pattern: "[ .]" } }, title]',
      'transform: [lower]',
      'transform: [title]',
      'transform: [{ substring: { from: 2, length: 3 } }]',
      'transform: [{ substring: { from: -4, length: 2 } }, trim]',
      'transform: [{ split: { by: ",", take: 2 } }]',
      'transform: [{ split: { by: "ö", take: -2 } }]',
      'transform: [{ split: { by: "11", take: 1 } }, { suffix: "…" }]',
      'transform: [{ replace: { text: "1", by: "eins" } }, { replace: { text: "aa", by: "" } }]',
      'transform: [{ replace: { pattern: "[^0-9,]+", by: "-" } }]',
      'transform: [{ replace: { pattern: "^0+" } }]',
      'transform: [{ replace: { pattern: "\\\\D", by: "/ö/" } }]',
      'transform: [{ replace: { pattern: "\\\\s", by: "_" } }, upper]',
      'transform: [trim], values: { "1": eins, "aö": "", "": leer, "12": "1\\n2" }, otherwise: keep',
      'values: { "1": eins, "A": a }, otherwise: empty',
      'boolean: { true: ["ä", "1"], false: ["a"] }',
      'transform: [{ hash: md5 }, { substring: { from: 1, length: 4 } }]',
    ]
    const unit = fc.constantFrom(
      ...'0123456789..,,-: Aaö"'.split(''),
      '\u00a0',
      'ſ',
      'İ',
      'Σ',
      'ÿ',
      'ß',
      '"',
      '\r',
      '\u3000',
      '\u2009',
      '’',
      '\t',
      '😀',
      '\n',
      '€',
    )
    const cell = fc.oneof(
      fc.string({ unit, maxLength: 12 }),
      fc.tuple(fc.nat(33), fc.nat(14), fc.nat(2100)).map(([d, m, y]) => `${String(d).padStart(2, '0')}.${m}.${y}`),
      fc
        .tuple(fc.nat(33), fc.nat(14), fc.nat(25), fc.nat(61))
        .map(([d, m, h, n]) => `${pad(d)}.${pad(m)}.2024 ${pad(h)}:${pad(n)}`),
      fc.double({ noNaN: true, min: -1e7, max: 1e7 }).map((value) => value.toLocaleString('de-AT')),
    )
    for (const chain of chains) {
      const source = await readSource(`column: c, ${chain}`)
      // The same steps, of which the kernel does none.
      const slow = { ...source, transforms: source.transforms.map(({ kernel: _, ...step }) => step) }
      await fc.assert(
        fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 40 }), async (cells) => {
          const twice = [...cells, ...cells]
          expect(await transformCells(source, twice)).toEqual(await transformCells(slow, twice))
        }),
        { numRuns: 25 },
      )
    }
  }, 120_000)

  it('spells what the service says as the file has it', async () => {
    const spelt = async (entry: string, text: string) => {
      const { transforms } = await readSource(`column: c, ${entry}`)
      return transforms.reduce((value, { format }) => format?.(value) ?? value, text)
    }
    const numbers = ['1234567.0', '1.2345678E7', '-0.5', '12.50', '9.1E-3', '1.5E1', '0.0', 'x']
    expect(await Promise.all(numbers.map((number) => spelt('number: "1.234,56"', number)))).toEqual([
      '1.234.567',
      '12.345.678',
      '-0,5',
      '12,50',
      '0,0091',
      '15',
      '0',
      'x',
    ])
    expect(await spelt('number: en-IN', '12345678.5')).toBe('1,23,45,678.5')
    expect(await spelt('date: { pattern: d. MMMM yyyy, locale: de }', '2026-03-03')).toBe('3. März 2026')
    const vienna = 'datetime: { pattern: dd.MM.yyyy HH:mm, zone: Europe/Vienna }'
    expect(await spelt(vienna, '2026-07-21T08:00:00.000Z')).toBe('21.07.2026 10:00')
    expect(await spelt('time: HH:mm', '07:30:00.000Z')).toBe('07:30')
    expect(await spelt('boolean: { true: ja, false: nein }', 'false')).toBe('nein')
    expect(await spelt('values: { J: ja, Y: ja }', 'ja')).toBe('J')
  })

  it('answers for any cell and never throws', async () => {
    const sources = await Promise.all(examples.map(([entry]) => readSource(`column: c, ${entry}`)))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const { transforms } of sources) {
          for (const { apply, format } of transforms) {
            const made = apply(text)
            expect(typeof made === 'string' || typeof made.unreadable === 'string').toBe(true)
            expect(typeof (format?.(text) ?? '')).toBe('string')
          }
        }
      }),
    )
  })

  it('takes no longer than in proportion to the text, whatever the pattern', async () => {
    const source = await readSource('column: c, transform: [{ replace: { pattern: "(a+)+$" } }]')
    const text = `${'a'.repeat(20_000)}b`
    expect(await transformCells(source, [text])).toEqual([text])
  })
})

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
