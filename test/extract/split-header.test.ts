import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineFeedEnder } from '../../src/extract/end-in-line-feed.ts'
import { HeaderSplitter } from '../../src/extract/split-header.ts'

/** What becomes of a text that comes in these pieces. */
function read(pieces: readonly Buffer[]) {
  const splitter = new HeaderSplitter()
  const ender = new LineFeedEnder()
  const rows = pieces.map((piece) => {
    const rest = splitter.rest(piece)
    return splitter.complete && splitter.endsInCrlf ? ender.take(rest) : rest
  })
  return { header: splitter.header.toString(), rows: Buffer.concat(rows).toString() }
}

test('CSV in CRLF becomes CSV in LF, wherever it is cut, and only where lines end', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '""', ',', '\r', '\n', '\r\n') }).map((text) => `"${text}"`)
  const line = fc.array(cell, { minLength: 1, maxLength: 3 }).map((cells) => cells.join(','))
  fc.assert(
    fc.property(line, fc.array(line, { maxLength: 4 }), fc.array(fc.nat(60)), (header, lines, cuts) => {
      const bytes = Buffer.from([header, ...lines].map((text) => `${text}\r\n`).join(''))
      const places = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      const pieces = places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place))
      expect(read(pieces)).toEqual({ header, rows: lines.map((text) => `${text}\n`).join('') })
    }),
  )
})
