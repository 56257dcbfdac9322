import { array, assert, asyncProperty, constant, integer, oneof, record } from 'fast-check'
import { expect, it } from 'vitest'
import { cutCalls, type FilesCall } from '../../src/attach/cut-calls.ts'
import type { ManifestRow } from '../../src/attach/manifest-rows.ts'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'

const limits = { mostRows: 5, mostBytes: 200, largestInCall: 1_000 }
const links = { records: [], shareType: '', visibility: '' }

/** What a row of the manifest is; `unsound` is no good CSV. */
type Kind = 'unsound' | { readonly reject: string } | { readonly bytes: number } | { readonly large: number }

const kinds = oneof(
  { weight: 6, arbitrary: record({ bytes: integer({ min: 1, max: 250 }) }) },
  { weight: 1, arbitrary: record({ large: integer({ min: 1_001, max: 9_000 }) }) },
  { weight: 1, arbitrary: constant({ reject: 'LOCAL:no' }) },
  { weight: 1, arbitrary: constant('unsound' as const) },
)

function rowOf(kind: Exclude<Kind, 'unsound'>): ManifestRow {
  if ('reject' in kind) return kind
  const size = 'large' in kind ? kind.large : 10
  return { cells: [], file: { path: '', size, changedAt: 0 }, links, bytes: 'large' in kind ? kind.large : kind.bytes }
}

/** A manifest with a line for each row: its number. */
async function cut(rows: readonly Kind[]): Promise<readonly FilesCall[]> {
  const csv = rows.map((_, index) => `${index}\n`).join('')
  const numberOf = (block: { bytes: Buffer; recordStart: Int32Array; recordEnd: Int32Array }, record: number) =>
    Number(block.bytes.toString('latin1', block.recordStart[record], block.recordEnd[record]))
  const calls: FilesCall[] = []
  const cutting = cutCalls(
    { records: () => scanRecords(readBuffer(Buffer.from(csv)), { delimiter: ',' }) },
    {
      hold: (block, record) =>
        rows[numberOf(block, record)] === 'unsound' ? { kind: 'rejected', error: 'LOCAL:unsound' } : undefined,
    },
    {
      read: async (block, record) => {
        const kind = rows[numberOf(block, record)]!
        if (kind === 'unsound') throw new Error('a row that is no good CSV is not read')
        return rowOf(kind)
      },
    },
    limits,
    { onRead: () => {}, until: undefined },
  )
  for await (const call of cutting) calls.push(call)
  return calls
}

function together({ rows }: FilesCall): readonly number[] {
  return rows.flatMap((row) => ('cells' in row && row.file!.size <= limits.largestInCall ? [row.bytes] : []))
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

it('cuts any manifest into calls that hold every row once, in order, and are as full as they may be', async () => {
  await assert(
    asyncProperty(array(kinds, { maxLength: 80 }), async (rows) => {
      const calls = await cut(rows)
      const sound = rows.filter((kind) => kind !== 'unsound')
      expect(calls.flatMap((call) => call.rows)).toEqual(sound.map(rowOf))
      expect(sum(calls.map(({ part }) => part.rows))).toBe(rows.length)
      expect(calls.map(({ part }) => part.number)).toEqual(calls.map((_, index) => index + 1))
      let line = 1
      for (const { part } of calls) {
        expect(part.from.line).toBe(line)
        line += part.rows
        expect(part.to.line).toBe(line - 1)
      }
      for (const [index, call] of calls.entries()) {
        const bytes = together(call)
        expect(bytes.length).toBeLessThanOrEqual(limits.mostRows)
        if (bytes.length > 1) expect(sum(bytes)).toBeLessThanOrEqual(limits.mostBytes)
        const [next] = index + 1 < calls.length ? together(calls[index + 1]!) : []
        const isFull = bytes.length === limits.mostRows || sum(bytes) + (next ?? 0) > limits.mostBytes
        if (next !== undefined) expect(isFull || call.rows.length - bytes.length >= 20).toBe(true)
      }
    }),
  )
})

it('ends a call at many bodies that go by themselves, so that what became of them is written', async () => {
  const calls = await cut(Array.from({ length: 45 }, () => ({ large: 5_000 })))
  expect(calls.map(({ rows }) => rows.length)).toEqual([20, 20, 5])
})
