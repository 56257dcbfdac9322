import { parse } from 'csv-parse/sync'
import { readChunks } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import type { EchoedResults, PartKind, Transport, Verdict } from '../../src/load/transport.ts'

/** What the service decides about one record that it was sent. */
export interface Decision {
  readonly verdict: Verdict | 'none'
  readonly id: string
  readonly created: boolean
  readonly error: string
}

/** The Id that the record at this place gets. */
export const recordId = (place: number): string => `a00x${String(place).padStart(11, '0')}AAA`

export const accepted = (place: number): Decision => ({
  verdict: 'accepted',
  id: recordId(place),
  created: true,
  error: '',
})

/** Whether rows that are alike in all that was sent have answers of several kinds, and are told apart by other cells. */
export function isOpenWhoseAnswer(
  alike: readonly number[],
  rows: readonly unknown[],
  decisions: readonly Decision[],
): boolean {
  const kinds = new Set(alike.map((place) => decisions[place]!.verdict))
  const cells = new Set(alike.map((place) => JSON.stringify(rows[place])))
  return kinds.size > 1 && cells.size > 1
}

export interface ServiceOptions {
  readonly decide: (record: Readonly<Record<string, string>>, place: number) => Decision
  /** How the service spells a value when it repeats it. */
  readonly respell?: (column: string, value: string) => string
  /** Order in which answers come: a number to sort by. */
  readonly shuffle?: (place: number) => number
  readonly maxBytes?: number
  readonly maxRows?: number
}

export interface Service extends Transport {
  /** Every record that was sent, job by job. */
  readonly jobs: Record<string, string>[][]
  readonly kinds: PartKind[]
}

/** A service as Bulk API 2.0 is one: answers repeat what was sent, re-spelt and in another order, in up to three files. */
export function echoingService(options: ServiceOptions): Service {
  const jobs: Record<string, string>[][] = []
  const kinds: PartKind[] = []
  const respell = options.respell ?? ((_, value) => value)
  let place = 0
  const decisions: Decision[][] = []
  return {
    api: 'bulk',
    answers: 'echoed',
    partsAtOnce: 4,
    limits: { maxBytes: options.maxBytes ?? 100_000_000, maxRows: options.maxRows ?? 1_000_000, smallBytes: 20_000 },
    jobs,
    kinds,
    async send(kind, body) {
      const pieces: Buffer[] = []
      for await (const piece of body.stream()) pieces.push(Buffer.from(piece))
      const text = Buffer.concat(pieces)
      if (body.whole && !body.whole.equals(text)) throw new Error('the part whole is not the part streamed')
      const records = parse(text, { columns: true, record_delimiter: '\n' }) as Record<string, string>[]
      kinds.push(kind)
      jobs.push(records)
      decisions.push(records.map((record) => options.decide(record, place++)))
      return { id: `750x${jobs.length}` }
    },
    async finish({ id }) {
      const made = decisions[Number(id.slice(4)) - 1]!
      const count = (verdict: Verdict) => made.filter((decision) => decision.verdict === verdict).length
      return { state: 'complete', errorMessage: undefined, accepted: count('accepted'), rejected: count('rejected') }
    },
    async *results({ id }): AsyncGenerator<EchoedResults> {
      const number = Number(id.slice(4)) - 1
      const records = jobs[number]!.map((record, index) => ({ record, decision: decisions[number]![index]!, index }))
      records.sort((a, b) => (options.shuffle?.(a.index) ?? -a.index) - (options.shuffle?.(b.index) ?? -b.index))
      const columns = Object.keys(jobs[number]![0]!).sort()
      for (const verdict of ['accepted', 'rejected', 'unprocessed'] as const) {
        const added = { accepted: ['sf__Id', 'sf__Created'], rejected: ['sf__Id', 'sf__Error'], unprocessed: [] }[
          verdict
        ]
        const rows = records
          .filter(({ decision }) => decision.verdict === verdict)
          .map(({ record, decision: { id: recordId, created, error } }) => [
            ...{ accepted: [recordId, String(created)], rejected: [recordId, error], unprocessed: [] }[verdict],
            ...columns.map((column) => respell(column, record[column]!)),
          ])
        const header = [...added, ...columns]
        const text = rows.map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`).join('')
        for await (const block of scanRecords(readChunks(oneChunk(Buffer.from(text))), {
          delimiter: ',',
          columns: header.length,
        })) {
          yield { verdict, header, records: block }
        }
      }
    },
  }
}

/** As Java spells a double: what the service does with currency and double. */
export function javaDouble(text: string): string {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) return text
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const mantissa = digits.includes('.') ? digits : `${digits}.0`
  if (value === 0) return '0.0'
  const power = Number(exponent)
  return power >= 7 || power < -3 ? `${mantissa}E${power}` : Number.isInteger(value) ? `${value}.0` : String(value)
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}
