import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordTrait } from '../../src/csv/records.ts'
import { scanWhole } from './parse-whole.ts'

const delimiters = [',', ';', '\t', '|', '^', '`']
const lineEnds = ['\n', '\r\n', '\r']

/** A cell with its way of being written: unquoted where that is possible, or quoted although it need not be. */
const cell = fc.record({
  text: fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.string({ unit: fc.constantFrom('a', '"', '\n', '\r', ',', ';', '\t', 'ü', '€', '😀', ' '), maxLength: 60 }),
  ),
  quoted: fc.boolean(),
})

const table = fc.record({
  delimiter: fc.constantFrom(...delimiters),
  rows: fc.array(
    fc.record({
      cells: fc.array(cell, { minLength: 1, maxLength: 5 }),
      end: fc.constantFrom(...lineEnds),
      emptyLines: fc.array(fc.constantFrom(...lineEnds), { maxLength: 2 }),
    }),
    { maxLength: 12 },
  ),
  lastEnd: fc.boolean(),
})

type Table = typeof table extends fc.Arbitrary<infer T> ? T : never

function write({ delimiter, rows, lastEnd }: Table): string {
  let text = ''
  rows.forEach((row, index) => {
    const cells = row.cells.map(({ text, quoted }) =>
      quoted || text.includes(delimiter) || /^"|[\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text,
    )
    text += cells.join(delimiter)
    if (index < rows.length - 1 || lastEnd) text += row.end + row.emptyLines.join('')
  })
  return text
}

function parseByPackage(text: string, delimiter: string): string[][] {
  return parse(text, {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
  })
}

describe('scanRecords', () => {
  it('gives the cells that csv-parse gives, whatever the delimiter, quoting, line ends and block size', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 80 }),
        async (made, blockBytes, pieceBytes) => {
          const text = write(made)
          const records = await scanWhole(text, { delimiter: made.delimiter, blockBytes, pieceBytes })
          expect(records.map((record) => record.cells)).toEqual(parseByPackage(text, made.delimiter))
          expect(records.every((record) => record.fault === 'none')).toBe(true)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('numbers lines alike for LF, CRLF and CR, inside quotes too', async () => {
    for (const end of lineEnds) {
      const text = ['a,b', '"1', '', '2",x', '', '3,"4"', ''].join(end)
      for (let blockBytes = 1; blockBytes < 24; blockBytes++) {
        const records = await scanWhole(text, { blockBytes })
        expect(records.map((record) => [record.line, record.cells])).toEqual([
          [1, ['a', 'b']],
          [2, [`1${end}${end}2`, 'x']],
          [6, ['3', '4']],
        ])
      }
    }
  })

  it('tells which records hold quotes, carriage returns and loose quotes', async () => {
    const records = await scanWhole('a,b\n"a",b\n"a\r\nb",c\n5" pipe,x\n"a""b",6" pipe')
    const { quoted, carriageReturn, looseQuote } = recordTrait
    expect(records.map((record) => record.traits)).toEqual([
      0,
      quoted,
      quoted | carriageReturn,
      looseQuote,
      quoted | looseQuote,
    ])
  })

  it('finds loose quotes and borders in cells long enough for the native search', async () => {
    const long = 'x'.repeat(40)
    const records = await scanWhole(`${long}"${long},${long}\r\n${long}\n"${long}\n""${long}",${long}\r${long}`)
    expect(records.map((record) => [record.line, record.traits, record.cells])).toEqual([
      [1, recordTrait.looseQuote, [`${long}"${long}`, long]],
      [2, 0, [long]],
      [3, recordTrait.quoted, [`${long}\n"${long}`, long]],
      [5, 0, [long]],
    ])
  })

  it('grows its arrays for many cells and many records', async () => {
    const wide = Array.from({ length: 20_000 }, (_, index) => String(index))
    const [first, ...rest] = await scanWhole(`${wide.join(',')}\n${'a\n'.repeat(5000)}`)
    expect(first?.cells).toEqual(wide)
    expect(rest.map((record) => record.line)).toEqual(Array.from({ length: 5000 }, (_, index) => index + 2))
  })
})

describe('a record with a broken quote', () => {
  it('is its first line alone, and the rows behind it are found again', async () => {
    const text = 'a,b\n1,"open\n2,fine\n3,"fine, too"\n4,"closed"early\n5,fine'
    for (let blockBytes = 1; blockBytes < 60; blockBytes += 3) {
      const records = await scanWhole(text, { blockBytes, columns: 2 })
      expect(records.map(({ line, fault, text }) => [line, fault, text])).toEqual([
        [1, 'none', 'a,b'],
        [2, 'quote', '1,"open'],
        [3, 'none', '2,fine'],
        [4, 'none', '3,"fine, too"'],
        [5, 'quote', '4,"closed"early'],
        [6, 'none', '5,fine'],
      ])
    }
  })

  it('is split at its delimiters as if quotes were text', async () => {
    const [record] = await scanWhole('1,"a, b"c,"d')
    expect(record).toMatchObject({ fault: 'quote', traits: recordTrait.looseQuote, cells: ['1', '"a', ' b"c', '"d'] })
  })

  it('is given up when no quote closes it within the limit, wherever the blocks are cut', async () => {
    const text = `1,"open\n${'2,x\n'.repeat(40)}3,"closed"\n`
    for (let blockBytes = 1; blockBytes < 100; blockBytes += 7) {
      const records = await scanWhole(text, { blockBytes, maxRecordBytes: 64, columns: 2 })
      expect(records).toHaveLength(42)
      expect(records.map((record) => record.fault)).toEqual(['quote', ...Array(41).fill('none')])
      expect(records.at(-1)).toMatchObject({ line: 42, cells: ['3', 'closed'] })
    }
  })

  it('is given up when it grows beyond the limit by several cells, too', async () => {
    const cells = Array.from({ length: 3 }, () => `"${'x'.repeat(30)}\n"`)
    const [record] = await scanWhole(cells.join(','), { maxRecordBytes: 64 })
    expect(record).toMatchObject({ fault: 'quote', text: `"${'x'.repeat(30)}` })
    expect(await scanWhole(cells.slice(0, 2).join(','), { maxRecordBytes: 66 })).toHaveLength(1)
  })

  it('may be every line of the file', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => `${index},"${'x'.repeat(1 + (index % 40))}`)
    const records = await scanWhole(`${lines.join('\n')}\n`, { blockBytes: 512, columns: 2 })
    expect(records.map((record) => record.text)).toEqual(lines)
    expect(records.every((record) => record.fault === 'quote')).toBe(true)
  })
})

describe('other faults', () => {
  it('marks bytes that are no UTF-8, and only the records that hold them', async () => {
    const text = Buffer.concat([Buffer.from('a,ü\nb,'), Buffer.of(0xfc), Buffer.from('\nc,€\n')])
    const records = await scanWhole(text, { columns: 2 })
    expect(records.map((record) => record.fault)).toEqual(['none', 'encoding', 'none'])
  })

  it('takes the replacement character for a fault in transcoded text alone', async () => {
    const text = 'a,b\nc,\ufffd\n'
    expect((await scanWhole(text)).map((record) => record.fault)).toEqual(['none', 'none'])
    expect((await scanWhole(text, { transcoded: true })).map((record) => record.fault)).toEqual(['none', 'encoding'])
  })

  it('marks records with more or fewer cells than the header', async () => {
    const records = await scanWhole('1,2\n1\n1,2,3\n"1,2"\n1,\n', { columns: 2 })
    expect(records.map((record) => record.fault)).toEqual(['none', 'ragged', 'ragged', 'ragged', 'none'])
  })

  it('marks records of more than 400,000 characters, not bytes', async () => {
    const sound = 'ü'.repeat(399_998)
    const records = await scanWhole(`1,${sound}\n1,${sound}x\n2,3\n`, { columns: 2 })
    expect(records.map((record) => record.fault)).toEqual(['none', 'length', 'none'])
  })

  it('refuses a line without an end that would fill the memory', async () => {
    const failing = scanWhole(`a,b\n${'x'.repeat(5000)}`, { blockBytes: 64, maxLineBytes: 1000 })
    await expect(failing).rejects.toMatchObject({ code: 'LINE_TOO_LONG', message: expect.stringContaining('line 2') })
  })
})

describe('any input', () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.constantFrom('"', '""', ',', '\n', '\r', '\r\n', 'a', 'bc', '\xfc', 'x'.repeat(30)), { maxLength: 120 })
      .map((parts) => Buffer.from(parts.join(''), 'latin1')),
  )

  it('is covered by records and line ends: no byte is lost, none is given twice', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.integer({ min: 1, max: 64 }), async (input, blockBytes) => {
        const records = await scanWhole(input, { blockBytes, columns: 3, maxRecordBytes: 100 })
        let at = 0
        for (const record of records) {
          expect(input.toString('latin1', at, record.from)).toMatch(/^[\r\n]*$/)
          expect(record.to).toBeGreaterThan(record.from)
          at = record.to
        }
        expect(input.toString('latin1', at)).toMatch(/^[\r\n]*$/)
      }),
      { numRuns: 1000 },
    )
  })

  it('gives the same records wherever it is cut into blocks', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.integer({ min: 1, max: 64 }), async (input, blockBytes) => {
        const options = { columns: 3, maxRecordBytes: 100 }
        expect(await scanWhole(input, { ...options, blockBytes })).toEqual(await scanWhole(input, options))
      }),
      { numRuns: 1000 },
    )
  })

  it('counts as many lines as it has line ends', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, async (input) => {
        for (const record of await scanWhole(input)) {
          const before = input.toString('latin1', 0, record.from)
          expect(record.line).toBe(1 + (before.match(/\r\n|\r|\n/g) ?? []).length)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('finds the rows behind a broken row again', async () => {
    const soundRow = fc.constantFrom('1,2,3', '"1","2","3"', '"1, ""x""",2,3', '1,2,')
    await fc.assert(
      fc.asyncProperty(fc.array(soundRow), fc.array(soundRow), async (before, after) => {
        const text = [...before, '1,"2"x,3', ...after].join('\n')
        const records = await scanWhole(text, { columns: 3, blockBytes: 16 })
        expect(records.map((record) => record.text)).toEqual([...before, '1,"2"x,3', ...after])
        expect(records.filter((record) => record.fault !== 'none')).toHaveLength(1)
      }),
    )
  })
})
