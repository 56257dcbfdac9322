import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecordCounter } from '../../src/bulk/record-counter.ts'

const cell = fc.string({ unit: fc.constantFrom('a', '"', '\n', ',', 'ä', '\r', '"\n', '\n"'), maxLength: 12 })
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

describe('the record counter', () => {
  test('counts any rows of quoted cells, wherever the blocks are cut and however they lie in memory', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 30 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 8 }),
        fc.nat({ max: 3 }),
        (rows, cuts, shift) => {
          const text = Buffer.from(rows.map((row) => `${row.map(quoted).join(',')}\n`).join(''))
          const bytes = Buffer.alloc(text.length + shift).subarray(shift)
          text.copy(bytes)
          const counter = new RecordCounter()
          let from = 0
          for (const cut of [...cuts, text.length]) {
            counter.add(bytes.subarray(from, from + cut))
            from += cut
          }
          expect(counter.records).toBe(rows.length)
          expect(counter.atBorder).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('counts a last record without a line ending', () => {
    const counter = new RecordCounter()
    counter.add(Buffer.from('a,b\n1,2'))
    expect(counter.records).toBe(2)
    expect(counter.atBorder).toBe(false)
  })

  test('knows a text that was cut inside a cell', () => {
    const counter = new RecordCounter()
    counter.add(Buffer.from('"a"\n"line one\n'))
    expect(counter.insideQuotes).toBe(true)
    expect(counter.records).toBe(2)
  })

  test('finds nothing in nothing', () => {
    const counter = new RecordCounter()
    counter.add(Buffer.alloc(0))
    expect(counter.records).toBe(0)
    expect(counter.atBorder).toBe(true)
  })
})
