import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answersAtOnce, RowMemory } from '../../src/load/row-memory.ts'

interface Key {
  readonly low: number
  readonly high: number
}

/** Few different halves, so that keys meet in their places and in parts of their hashes; the last places go on at the first. */
const half = fc.constantFrom(0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff)
const key = fc.record({ low: half, high: fc.oneof(half, fc.nat(0xffffffff)) })

function halves(keys: readonly Key[]): number[] {
  return keys.flatMap(({ low, high }) => [low, high])
}

/** What `matchRows` says, by a map. */
function expectedRows(sent: readonly Key[], answers: readonly Key[]): number[] {
  const rows = new Map<string, number[]>()
  for (const [row, { low, high }] of sent.entries()) {
    const name = `${low} ${high}`
    rows.set(name, [...(rows.get(name) ?? []), row])
  }
  const answered = new Set<number>()
  return answers.map(({ low, high }) => {
    const [row, ...others] = rows.get(`${low} ${high}`) ?? []
    if (others.length > 0) return -2
    if (row === undefined || answered.has(row)) return -1
    answered.add(row)
    return row
  })
}

describe('the table of the keys of a part', () => {
  it('finds the row of each key once, whatever the hashes and however many parts used its memory before', () => {
    const memory = RowMemory.lend()
    fc.assert(
      fc.property(
        fc.array(key, { minLength: 1, maxLength: 60 }),
        fc.array(fc.oneof(key, fc.nat()), { maxLength: 60 }),
        (sent, picks) => {
          const answers = picks.map((pick) => (typeof pick === 'number' ? sent[pick % sent.length]! : pick))
          const { kernel, keys, answers: batch } = memory.begin(sent.length)
          kernel.clearKeys()
          keys.set(halves(sent))
          const names = sent.map(({ low, high }) => `${low} ${high}`)
          const sharing = names.filter((name) => names.indexOf(name) !== names.lastIndexOf(name)).length
          expect(kernel.indexRows(sent.length)).toBe(sharing)
          for (const { low, high } of sent) {
            expect(kernel.findRow(low, high)).toBe(names.indexOf(`${low} ${high}`))
          }
          batch.hashes.set(halves(answers))
          kernel.matchRows(answers.length)
          expect([...batch.rows.subarray(0, answers.length)]).toEqual(expectedRows(sent, answers))
        },
      ),
      { numRuns: 500 },
    )
    memory.giveBack()
  })

  it('takes no more memory for the second of two parts of the same size', () => {
    const memory = RowMemory.lend()
    const bytes = () => memory.begin(100_000).kernel.memory.buffer.byteLength
    const first = bytes()
    expect(first).toBeLessThan(100_000 * 40 + answersAtOnce * 60)
    expect([bytes(), bytes()]).toEqual([first, first])
    memory.giveBack()
  })
})
