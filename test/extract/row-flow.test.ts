import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formulaEscaper } from '../../src/extract/escape-formulas.ts'
import { type OutputShape, openOutput } from '../../src/extract/open-output.ts'
import { outputFiles } from '../../src/extract/output-files.ts'
import { writePages } from '../../src/extract/write-pages.ts'
import type { OrgResponse } from '../../src/org/org.ts'
import { fakeClock } from '../bulk/fake-clock.ts'
import { fakeTools, openOrg } from '../org/dialogue.ts'
import { privateFolder } from '../support/run.ts'

/** One page of a result, and how the service sends it. */
interface SentPage {
  /** Texts of two columns. */
  readonly rows: readonly (readonly [string, string])[]
  readonly lineEnding: string
  /** Whether the line ending of the last row is missing. */
  readonly isOpen: boolean
  /** Lengths of the blocks, over and over. */
  readonly blocks: readonly number[]
  /** After which share of its bytes it breaks off, or of its rows ends as if it were whole, the first times that it is asked for. */
  readonly cuts: readonly { readonly share: number; readonly isSilent: boolean }[]
}

const text = fc.string({ unit: fc.constantFrom('a', 'ö', '=', ',', '"', '\n', '\r', '\r\n', '😀'), maxLength: 20 })
const page: fc.Arbitrary<SentPage> = fc.record({
  rows: fc
    .tuple(fc.array(fc.tuple(text, text), { maxLength: 20 }), fc.constantFrom(1, 40, 900))
    .map(([rows, times]) => Array.from({ length: times }, () => rows).flat()),
  lineEnding: fc.constantFrom('\n', '\n', '\r\n'),
  isOpen: fc.boolean(),
  blocks: fc.array(fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 10_000, max: 900_000 })), {
    minLength: 1,
    maxLength: 6,
  }),
  cuts: fc.array(fc.record({ share: fc.double({ min: 0, max: 0.99, noNaN: true }), isSilent: fc.boolean() }), {
    maxLength: 2,
  }),
})
const pages = fc.array(page, { minLength: 1, maxLength: 6 })
const parallelPages = fc.integer({ min: 1, max: 4 })

const columns = ['Id', 'Name'] as const
const spell = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')
const csvOf = (sent: readonly SentPage[]) =>
  [columns, ...sent.flatMap(({ rows }) => rows)].map((row) => `${spell(row)}\n`).join('')

/** A body in memory of its own, block by block, each when it is asked for and not at once. */
function bodyOf({ rows, lineEnding, isOpen, blocks }: SentPage, cut: SentPage['cuts'][number] | undefined): Readable {
  const spellAll = (some: SentPage['rows']) => [columns, ...some].map(spell).join(lineEnding)
  const isSilent = cut?.isSilent === true && rows.length > 0
  const sent = isSilent ? rows.slice(0, Math.floor(rows.length * cut.share)) : rows
  const whole = Buffer.from(isOpen || isSilent ? spellAll(sent) : `${spellAll(sent)}${lineEnding}`)
  const isBroken = cut !== undefined && !isSilent
  const end = isBroken ? Math.floor(whole.length * cut.share) : whole.length
  let at = 0
  let count = 0
  return new Readable({
    read() {
      setImmediate(() => {
        if (at < end) {
          const block = Buffer.allocUnsafeSlow(Math.min(blocks[count++ % blocks.length]!, end - at))
          at += whole.copy(block, 0, at, at + block.length)
          this.push(block)
        } else if (isBroken) this.destroy(new Error('socket hang up'))
        else this.push(null)
      })
    },
  })
}

/** An org that has these pages and nothing else. */
function serve(sent: readonly SentPage[]) {
  const asked = sent.map(() => 0)
  return {
    ...openOrg('http://127.0.0.1:1', fakeTools()).org,
    send: async ({ path }: { readonly path: string }): Promise<OrgResponse> => {
      const number = Number(/locator=(\d+)/.exec(path)?.[1] ?? 0)
      const json = {
        resultPages: sent.map((_, index) => ({ resultUrl: `/jobs/query/750Q/results?locator=${index}` })),
        done: true,
      }
      const headers = {
        'sforce-numberofrecords': String(sent[number]!.rows.length),
        'sforce-locator': number + 1 < sent.length ? String(number + 1) : 'null',
      }
      const isList = path.endsWith('resultPages')
      const body = isList ? Readable.from([]) : bodyOf(sent[number]!, sent[number]!.cuts[asked[number]!++])
      return { status: 200, headers, body, text: async () => '', json: async <T>() => json as T }
    },
  }
}

async function extractAll(
  sent: readonly SentPage[],
  atATime: number,
  output: string | Writable,
  shape: Partial<OutputShape> = {},
): Promise<void> {
  const org = serve(sent)
  const files = outputFiles(output, false)
  const rows = await openOutput({ soql: '', names: new Map(), ...shape }, files, org)
  const tools = {
    clock: fakeClock(),
    signal: new AbortController().signal,
    parallelPages: atATime,
    onPage: () => undefined,
    nameColumns: async () => new Uint8Array(0),
  }
  // So many rows that pages are read ahead.
  await writePages(org, { id: '750Q', rows: 1_000_000 }, rows, tools)
  await rows.finish()
  await files.finish()
}

const runs = { numRuns: 15 }

describe('rows of any pages, in any blocks, broken off and read again, are written as they were sent', () => {
  test('to a file', async () => {
    const path = join(privateFolder(), 'rows.csv')
    await fc.assert(
      fc.asyncProperty(pages, parallelPages, async (sent, atATime) => {
        await extractAll(sent, atATime, path)
        expect((await readFile(path)).equals(Buffer.from(csvOf(sent)))).toBe(true)
      }),
      runs,
    )
  })

  test('to a file, with no formula in it', async () => {
    const path = join(privateFolder(), 'rows.csv')
    await fc.assert(
      fc.asyncProperty(pages, parallelPages, async (sent, atATime) => {
        await extractAll(sent, atATime, path, { csvSafe: true })
        expect((await readFile(path)).equals(Buffer.from(formulaEscaper()(Buffer.from(csvOf(sent)))))).toBe(true)
      }),
      runs,
    )
  })

  test('to a file that is compressed', async () => {
    const path = join(privateFolder(), 'rows.csv.gz')
    await fc.assert(
      fc.asyncProperty(pages, parallelPages, async (sent, atATime) => {
        await extractAll(sent, atATime, path)
        expect(gunzipSync(await readFile(path)).equals(Buffer.from(csvOf(sent)))).toBe(true)
      }),
      runs,
    )
  })

  test('to a stream that takes its time and does not copy', async () => {
    await fc.assert(
      fc.asyncProperty(pages, parallelPages, async (sent, atATime) => {
        const taken: Buffer[] = []
        const stream = new Writable({
          highWaterMark: 100_000,
          write(block: Buffer, _, done) {
            setImmediate(() => {
              taken.push(Buffer.from(block))
              done()
            })
          },
        })
        await extractAll(sent, atATime, stream)
        expect(Buffer.concat(taken).equals(Buffer.from(csvOf(sent)))).toBe(true)
      }),
      runs,
    )
  })

  test('as JSON lines', async () => {
    const path = join(privateFolder(), 'rows.jsonl')
    await fc.assert(
      fc.asyncProperty(pages, parallelPages, async (sent, atATime) => {
        await extractAll(sent, atATime, path, { format: 'jsonl' })
        const lines = sent.flatMap(({ rows }) =>
          rows.map(([Id, Name]) => JSON.stringify({ Id: Id || null, Name: Name || null })),
        )
        expect(await readFile(path, 'utf8')).toBe(lines.map((line) => `${line}\n`).join(''))
      }),
      { numRuns: 5 },
    )
  })
})
