import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutParts } from '../../src/load/cut-parts.ts'
import { type FetchAnswers, joinResults, type MakeTable } from '../../src/load/join-results.ts'
import { JoinTable } from '../../src/load/join-table.ts'
import { LentMemory } from '../../src/load/lent-memory.ts'
import { outcome } from '../../src/load/outcomes.ts'
import { PageFile } from '../../src/load/page-file.ts'
import { discardPlan, type LoadRequest } from '../../src/load/plan.ts'
import { sourceKeys } from '../../src/load/row-keys.ts'
import {
  accepted,
  type Decision,
  echoingService,
  isOpenWhoseAnswer,
  javaDouble,
  recordId,
  type Service,
} from './echoing-service.ts'
import { loadInMemory, planInMemory } from './load-in-memory.ts'

const rejected = (place: number): Decision => ({ verdict: 'rejected', id: '', created: false, error: `E:${place}:--` })

const doubles = new Set(['Amount__c', 'Number_Key__c'])
const respell = (column: string, value: string) => {
  if (value === '#N/A') return ''
  return doubles.has(column) ? javaDouble(value) : value
}

/** What two records must share to be alike for the service. */
const meaningOf = (record: Readonly<Record<string, string>>) =>
  JSON.stringify(Object.keys(record).map((column) => respell(column, record[column]!)))

const folder = mkdtempSync(join(tmpdir(), 'sfbulk-keys-'))
const mappingFile = join(folder, 'mapping.json')
const parents = { P1: '001x00000000001AAA', P2: '001x00000000002AAA', P3: '001x00000000001AAA' }
writeFileSync(join(folder, 'parents.csv'), stringify([['Code', 'Id'], ...Object.entries(parents)]))
writeFileSync(
  mappingFile,
  JSON.stringify({
    fields: {
      Name: { columns: ['Name', 'Note__c'], transform: ['lower'] },
      Key__c: { column: 'Key__c', transform: ['trim'] },
      Number_Key__c: 'Number_Key__c',
      Amount__c: 'Amount__c',
      Due__c: { value: '2026-11-21' },
      Account__c: { lookup: 'parents.csv', match: ['Parent', 'Code'], take: 'Id', missing: 'empty' },
    },
  }),
)

const few = fc.constantFrom('', 'a', 'A', ' a', 'b', '#N/A', '"', 'x\ny', 'ü')
const number = fc.constantFrom(
  '',
  '1',
  '1.0',
  '7',
  '912260031',
  '912260031.0',
  '1e3',
  '1000',
  '#N/A',
  '12345678901234567',
)
const row = fc.record({
  Comment: fc.constantFrom('', 'p', 'q'),
  Name: fc.oneof(
    few,
    fc.string({ maxLength: 4 }).map((value) => value.replaceAll('\r', '')),
  ),
  Key__c: fc.oneof({ weight: 1, arbitrary: few }, { weight: 8, arbitrary: fc.nat(9999).map((key) => `K-${key}`) }),
  Number_Key__c: fc.oneof(number, fc.nat(30).map(String)),
  Amount__c: number,
  Note__c: few,
  Parent: fc.constantFrom('', 'P1', 'P2', 'P3'),
})
type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never

/** Rows, some of which are copies of others but for a cell or two. */
const file = fc
  .tuple(
    fc.array(row, { minLength: 1, maxLength: 40, size: 'max' }),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.subarray(['Comment', 'Name', 'Key__c', 'Note__c'] as const)), {
      maxLength: 4,
      size: 'max',
    }),
  )
  .map(([rows, copies]): readonly Row[] => {
    const at = (place: number) => rows[place % rows.length]!
    const pick = (of: Row, names: readonly (keyof Row)[]) => Object.fromEntries(names.map((name) => [name, of[name]]))
    return [...rows, ...copies.map(([one, other, names]) => ({ ...at(one), ...pick(at(other), names) }))]
  })

/** Counts how often the answers of each job were fetched. */
function countFetches(service: Service): { readonly service: Service; readonly fetches: Map<string, number> } {
  const fetches = new Map<string, number>()
  const counting: Service = {
    ...service,
    results(sent, ...rest) {
      fetches.set(sent.id, (fetches.get(sent.id) ?? 0) + 1)
      return service.results(sent, ...rest)
    },
  }
  return { service: counting, fetches }
}

/** What the rows are told that are sent, in their order, where they are known by the columns with these numbers. */
async function joinBy(numbers: readonly number[], csv: string, request: Request, service: Service): Promise<Answer[]> {
  const { plan } = await planInMemory(csv, { operation: 'insert', ...request })
  const { mapping, source, encoder, spoolFolder } = plan
  const keys = await sourceKeys(mapping, plan.nulls, encoder.computed, false, encoder.blanks)
  const columns = [...new Set(numbers.map((number) => number % mapping.columns.length))]
  const pages = new PageFile(undefined)
  const hooks = { onRead: () => {}, until: undefined, keysFrom: () => keys.by(columns), pages }
  const { signal } = new AbortController()
  const memory = new LentMemory()
  const answers: Answer[] = []
  for await (const open of cutParts(source, encoder, service.limits, hooks)) {
    const sent = await service.send(plan.kind, open.body, signal)
    const part = await open.finishCut()
    const end = await service.finish(sent, signal)
    const makeTable: MakeTable = (options) => JoinTable.build(source, part, encoder, keys, memory, options)
    const fetch: FetchAnswers = (startAnew) => service.results(sent, end, part.sent, startAnew)
    const { outcomes, unmatched } = await joinResults(mapping, makeTable, fetch, spoolFolder)
    expect(unmatched.count).toBe(0)
    for (let row = 0; row < part.sent; row++) {
      const isAccepted = outcomes.status(row) === outcome.created
      answers.push(isAccepted ? { id: String(outcomes.id(row)) } : { error: String(outcomes.text(row)) })
    }
    outcomes.close()
  }
  await discardPlan(plan)
  return answers
}

type Request = Pick<LoadRequest, 'mappingFile'>
type Answer = { readonly id: string } | { readonly error: string }

describe('an insert whose rows are known by some of their columns', () => {
  it('gives each row the answer to what was sent of it, whichever columns and whatever is alike, empty, re-spelt or made', async () => {
    await fc.assert(
      fc.asyncProperty(
        file,
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.constantFrom(7, 20, 50),
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.nat()),
        async (rows, columns, isMapped, maxRows, verdicts, order) => {
          const decisions = rows.map((_, place) => (verdicts.next().value ? accepted : rejected)(place))
          const places = rows.map(() => order.next().value as number)
          const shuffle = (place: number) => places[place]!
          const service = echoingService({ decide: (_, place) => decisions[place]!, respell, shuffle, maxRows })
          const { service: counted, fetches } = countFetches(service)
          const request = isMapped ? { mappingFile } : {}
          const answers = await joinBy(columns, stringify([...rows], { header: true }), request, counted)

          expect(answers).toHaveLength(rows.length)
          let first = 0
          for (const job of service.jobs) {
            for (const [index, sent] of job.entries()) {
              const alike = job.flatMap((other, at) => (meaningOf(other) === meaningOf(sent) ? [first + at] : []))
              checkAnswer(answers[first + index]!, alike, rows, decisions)
            }
            first += job.length
          }
          expect([...fetches.values()].every((count) => count === 1)).toBe(true)
        },
      ),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 80) },
    )
  })

  it.each([
    ['in a few rows', 1500, 50],
    ['in most rows', 2, 1],
  ])('finds those whose key is not their own, which the first rows did not show: %s', async (_, apart, every) => {
    const rows = Array.from({ length: 4000 }, (_, place) => ({
      Key__c: place < 1500 || place % every > 0 ? `K-${place}` : place % apart === 0 ? '' : 'K-7',
      Name: `name ${place % 7}`,
      Note__c: place % 1000 === 999 ? 'twice' : `note ${place}`,
    }))
    const service = echoingService({ decide: (_, place) => accepted(place), shuffle: (place) => (place * 7919) % 4001 })
    const { account, success } = await loadInMemory(stringify(rows, { header: true }), { operation: 'insert' }, service)
    expect(account.exit).toBe('done')
    expect(success.map(({ Note__c, sf__Id }) => [Note__c, sf__Id])).toEqual(
      rows.map(({ Note__c }, place) => [Note__c, recordId(place)]),
    )
  })

  it('finds them by values that are made of their cells, whether many are made at a time or each by itself', async () => {
    const rows = Array.from({ length: 3000 }, (_, place) => ({
      First: `Ä${place % 60}`,
      Last: place % 10 === 3 ? `"${place}`.repeat(40) : `L${Math.floor(place / 60)}\r\n`,
    }))
    const path = join(folder, 'made.json')
    const columns = { columns: ['First', 'Last'], transform: ['upper', { hash: 'sha1' }] }
    writeFileSync(path, JSON.stringify({ fields: { Name: { value: 'x' }, Note__c: columns, Key__c: 'First' } }))
    const service = echoingService({ decide: (_, place) => accepted(place), shuffle: (place) => (place * 7919) % 3001 })
    const request = { operation: 'insert', mappingFile: path } as const
    const { account, success } = await loadInMemory(stringify(rows, { header: true }), request, service)
    expect(account.exit).toBe('done')
    expect(success.map(({ sf__Id }) => sf__Id)).toEqual(rows.map((_, place) => recordId(place)))
  })
})

/** Rows that are alike in all that was sent may have each other's answers, mixed ones only when they are the same in all cells. */
function checkAnswer(
  answer: Answer,
  alike: readonly number[],
  rows: readonly Row[],
  decisions: readonly Decision[],
): void {
  if (isOpenWhoseAnswer(alike, rows, decisions)) {
    expect(answer).toEqual({ error: expect.stringMatching(/^UNKNOWN:\d+ rows are identical/) })
  } else if ('id' in answer) expect(alike.map(recordId)).toContain(answer.id)
  else expect(alike.map((place) => rejected(place).error)).toContain(answer.error)
}

describe('answers that come back as those of other rows', () => {
  const rows = [
    { Key__c: 'x ', Name: 'first' },
    { Key__c: 'x', Name: 'second' },
    { Key__c: 'y', Name: 'third' },
  ]
  const trimmed = (_: string, value: string) => value.trim()

  it('are compared in all columns, and nothing is guessed', async () => {
    const { service, fetches } = countFetches(
      echoingService({ decide: (_, place) => accepted(place), respell: trimmed }),
    )
    const { success, errors } = await loadInMemory(stringify(rows, { header: true }), { operation: 'insert' }, service)
    expect(success.map(({ Name, sf__Id }) => [Name, sf__Id])).toEqual(
      rows.map(({ Name }, row) => [Name, recordId(row)]),
    )
    expect(errors).toEqual([])
    expect([...fetches.values()]).toEqual([2])
  })

  it('are so, too, when the other row has no answer', async () => {
    const decide = ({ Name }: Readonly<Record<string, string>>, place: number) =>
      Name === 'second' ? { ...accepted(place), verdict: 'none' as const } : accepted(place)
    const service = echoingService({ decide, respell: trimmed })
    const { success, errors } = await loadInMemory(stringify(rows, { header: true }), { operation: 'insert' }, service)
    expect(success.map(({ Name, sf__Id }) => [Name, sf__Id])).toEqual([
      ['first', recordId(0)],
      ['third', recordId(2)],
    ])
    expect(errors.map(({ Name, sf__Error }) => [Name, sf__Error!.slice(0, 8)])).toEqual([['second', 'UNKNOWN:']])
  })

  it.each([
    'insert',
    'upsert',
  ] as const)('leave it open which answer of an %s is for the row that they fit', async (operation) => {
    const alike = rows.map((row) => ({ ...row, Name: 'same' }))
    const service = echoingService({ decide: (_, place) => accepted(place), respell: trimmed })
    const request = { operation, externalId: 'Key__c' }
    const { account, success, errors } = await loadInMemory(stringify(alike, { header: true }), request, service)
    expect(success.map(({ Key__c, sf__Id }) => [Key__c, sf__Id])).toEqual([['y', recordId(2)]])
    expect(account.rows.unknown).toBe(2)
    for (const row of [0, 1]) {
      expect(errors[row]!.sf__Error).toMatch(/^UNKNOWN:2 rows are alike but for #N\/A or white space/)
      for (const place of [0, 1]) expect(errors[row]!.sf__Error).toContain(recordId(place))
    }
  })

  it('change nothing when they only repeat an answer', async () => {
    const service = echoingService({ decide: (_, place) => (place < 2 ? accepted(place) : rejected(place)) })
    const repeating: Service = {
      ...service,
      async *results(...given) {
        yield* service.results(...given)
        yield* service.results(...given)
      },
    }
    const { account, success, errors } = await loadInMemory(
      stringify(rows, { header: true }),
      { operation: 'insert' },
      repeating,
    )
    expect(account.exit).toBe('rejected')
    expect(success.map(({ sf__Id }) => sf__Id)).toEqual([recordId(0), recordId(1)])
    expect(errors.map(({ sf__Error }) => sf__Error)).toEqual([rejected(2).error])
  })

  it('leave it open for rows that are the same, too', async () => {
    const same = [{ Key__c: 'X', Name: 'same' }, ...Array(3).fill({ Key__c: 'x', Name: 'same' })]
    const respell = (_: string, value: string) => value.toLowerCase()
    const service = echoingService({ decide: (_, place) => accepted(place), respell })
    const { account, errors } = await loadInMemory(stringify(same, { header: true }), { operation: 'insert' }, service)
    expect(account.rows).toMatchObject({ accepted: 0, unknown: 4 })
    expect(errors[0]!.sf__Error).toMatch(/^UNKNOWN:the service gave no answer/)
    expect(errors[3]!.sf__Error).toMatch(/that fit the 3 rows that are like this one in what was sent \(accepted/)
  })
})
