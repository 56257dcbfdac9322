import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunError } from '../../src/errors.ts'
import {
  accepted,
  type Decision,
  echoingService,
  isOpenWhoseAnswer,
  javaDouble,
  recordId,
  type Service,
} from './echoing-service.ts'
import { loadInMemory } from './load-in-memory.ts'

const rejected = (place: number): Decision => ({
  verdict: 'rejected',
  id: '',
  created: false,
  error: `DUPLICATE_VALUE:row "${place}", twice\nseen:Key__c --`,
})

const numbers = new Set(['Amount__c', 'Number_Key__c'])
const respell = (column: string, value: string) => {
  if (value === '#N/A') return ''
  if (column === 'Open__c') return /^(1|true)$/i.test(value) ? 'true' : value === '' ? '' : 'false'
  return numbers.has(column) ? javaDouble(value) : value
}

const text = fc.oneof(
  fc.constantFrom('', 'a', 'a,b', '"', 'x\ny', 'ü', '#N/A', ' a', 'A', '007', '7'),
  fc.string({ maxLength: 6 }).map((value) => value.replaceAll(/\r/g, '')),
)
const amount = fc.constantFrom(
  '',
  '0',
  '1',
  '1.0',
  '912260031',
  '-5.50',
  '1e3',
  '0.1',
  '#N/A',
  '12345678901234567',
  'abc',
)
const row = fc.record({
  Comment: fc.constantFrom('', 'p', 'q'),
  Name: text,
  Amount__c: amount,
  Open__c: fc.constantFrom('', 'true', 'FALSE', '1', '0'),
  Note__c: text,
})
type Row = { Comment: string; Name: string; Amount__c: string; Open__c: string; Note__c: string }

/** What two rows must share to be alike for the service. */
function meaning({ Name, Amount__c, Open__c, Note__c }: Row): string {
  const none = (value: string) => (value === '#N/A' ? '' : value)
  const number = none(Amount__c)
  const same = number === '' || Number.isNaN(Number(number)) ? number : String(Number(number))
  const open = { 1: 'true', 0: 'false' }[Open__c] ?? Open__c.toLowerCase()
  return JSON.stringify([none(Name), same, open, none(Note__c)])
}

describe('joining the answers of an insert', () => {
  it('puts every answer on the row it is for, whatever the order and spelling of the answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 25 }),
        fc.infiniteStream(fc.constantFrom('accepted', 'accepted', 'rejected', 'unprocessed', 'none')),
        fc.infiniteStream(fc.nat()),
        async (rows, verdicts, order) => {
          const decisions = rows.map((_, place): Decision => {
            const verdict = verdicts.next().value as Decision['verdict']
            return { ...(verdict === 'rejected' ? rejected(place) : accepted(place)), verdict }
          })
          const places = rows.map(() => order.next().value as number)
          const service = echoingService({
            decide: (_, place) => decisions[place]!,
            respell,
            shuffle: (place) => places[place]!,
          })
          const { account, success, errors } = await loadInMemory(
            stringify(rows, { header: true }),
            { operation: 'insert' },
            service,
          )

          expect(account.rows.read).toBe(rows.length)
          expect(success.length + errors.length).toBe(rows.length)
          const lines = lineNumbers(rows)
          const answers = new Map<number, Record<string, string>>()
          for (const answer of errors) answers.set(lines.indexOf(Number(answer.sf__Line)), answer)
          const left = rows.map((_, place) => place).filter((place) => !answers.has(place))
          for (const [index, answer] of success.entries()) answers.set(left[index]!, answer)

          for (const [place, input] of rows.entries()) {
            const answer = answers.get(place)!
            for (const name of Object.keys(input) as (keyof Row)[]) expect(answer[name]).toBe(input[name])
            const alike = rows.flatMap((other, index) => (meaning(other) === meaning(input) ? [index] : []))
            checkAnswer(answer, alike, rows, decisions)
          }
        },
      ),
      { numRuns: 80 },
    )
  })
})

/** A row alone in its kind has its own answer; rows alike share theirs, and mixed answers are given only to rows that are the same in every cell. */
function checkAnswer(
  answer: Record<string, string>,
  alike: readonly number[],
  rows: readonly Row[],
  decisions: readonly Decision[],
): void {
  if (isOpenWhoseAnswer(alike, rows, decisions)) {
    expect(answer.sf__Error).toMatch(/^UNKNOWN:\d+ rows are identical in what was sent/)
    return
  }
  const [kind] = answer.sf__Created !== undefined ? ['accepted'] : [kindOf(answer.sf__Error!)]
  expect(alike.map((place) => decisions[place]!.verdict)).toContain(kind)
  if (kind === 'accepted') expect(alike.map(recordId)).toContain(answer.sf__Id)
  if (kind === 'rejected') expect(alike.map((place) => rejected(place).error)).toContain(answer.sf__Error)
}

function kindOf(error: string): string {
  if (error.startsWith('UNPROCESSED:')) return 'unprocessed'
  return error.startsWith('UNKNOWN:the service gave no answer') ? 'none' : 'rejected'
}

/** Line in which each row begins, by the line feeds in the cells before it. */
function lineNumbers(rows: readonly Row[]): number[] {
  let line = 2
  return rows.map((cells) => {
    const own = line
    line += 1 + Object.values(cells).join('').split('\n').length - 1
    return own
  })
}

describe('joining by a key', () => {
  it('finds an updated row by its Id, in 15 or 18 characters, and rows with the same Id by what else they say', async () => {
    const rows = [
      { Id: 'a00x00000000001', Name: 'first' },
      { Id: 'a00x00000000002AAA', Name: 'other' },
      { Id: 'a00x00000000001AAA', Name: 'second' },
    ]
    const service = echoingService({
      decide: ({ Name }) =>
        Name === 'second' ? rejected(2) : { ...accepted(0), id: 'a00x00000000001AAA', created: false },
      respell: (column, value) => (column === 'Id' && value.length === 15 ? `${value}AAA` : value),
    })
    const { success, errors } = await loadInMemory(stringify(rows, { header: true }), { operation: 'update' }, service)
    expect(success.map(({ Name, sf__Created }) => [Name, sf__Created])).toEqual([
      ['first', 'false'],
      ['other', 'false'],
    ])
    expect(errors.map(({ Name, sf__Line }) => [Name, sf__Line])).toEqual([['second', '4']])
  })

  it('completes the Ids of answers that have 15 characters', async () => {
    const decisions: readonly Decision[] = [
      { ...accepted(0), id: '0018c00002FInbo' },
      { ...accepted(1), id: '750P0000006HoSQ' },
      { ...rejected(2), id: '006A000000Lbiiz' },
    ]
    const service = echoingService({ decide: (_, place) => decisions[place]! })
    const input = 'Key__c,Name\nA,a\nB,b\nC,c\n'
    const { success, errors } = await loadInMemory(input, { operation: 'upsert', externalId: 'Key__c' }, service)
    expect([...success, ...errors].map(({ sf__Id }) => sf__Id)).toEqual([
      '0018c00002FInboAAD',
      '750P0000006HoSQIA0',
      '006A000000LbiizIAB',
    ])
  })

  it('finds an upserted row by a numeric external ID that the service spells its own way', async () => {
    const rows = [
      { Number_Key__c: '912260031', Name: 'a' },
      { Number_Key__c: '42', Name: 'b' },
    ]
    const service = echoingService({ decide: (_, place) => accepted(place), respell })
    const { success, account } = await loadInMemory(
      stringify(rows, { header: true }),
      { operation: 'upsert', externalId: 'number_key__c' },
      service,
    )
    expect(success.map(({ Name, sf__Id }) => [Name, sf__Id])).toEqual([
      ['a', recordId(0)],
      ['b', recordId(1)],
    ])
    expect(account.exit).toBe('done')
    expect(service.kinds[0]).toEqual({ object: 'Thing__c', operation: 'upsert', externalIdField: 'Number_Key__c' })
  })

  it('finds an upserted row by a key that is spelt like null elsewhere', async () => {
    const rows = [
      { Key__c: 'none', Name: 'a' },
      { Key__c: 'some', Name: 'none' },
      { Key__c: 'some', Name: 'b' },
    ]
    const service = echoingService({ decide: (_, place) => accepted(place), respell })
    const { success } = await loadInMemory(
      stringify(rows, { header: true }),
      { operation: 'upsert', externalId: 'Key__c', nullValue: 'none' },
      service,
    )
    expect(success.map(({ Name, sf__Id }) => [Name, sf__Id])).toEqual([
      ['a', recordId(0)],
      ['none', recordId(1)],
      ['b', recordId(2)],
    ])
  })

  it('joins thousands of rows that share one key without looking at each for each', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => ({ Key__c: '', Name: `n${index}` }))
    const service = echoingService({
      decide: (_, place) => accepted(place),
      shuffle: (place) => (place * 7919) % 20_011,
    })
    const { success } = await loadInMemory(
      stringify(rows, { header: true }),
      { operation: 'upsert', externalId: 'Key__c' },
      service,
    )
    expect(success.length).toBe(20_000)
    expect(success.every(({ Name, sf__Id }) => sf__Id === recordId(Number(Name!.slice(1))))).toBe(true)
  })
})

describe('an answer that fits no row', () => {
  it('is told with its Id, and the rows without an answer are unknown', async () => {
    const service = echoingService({ decide: (_, place) => accepted(place), respell: () => 'something else' })
    const { account, errors } = await loadInMemory('Name,Note__c\na,1\nb,2\n', { operation: 'insert' }, service)
    expect(account.exit).toBe('failed')
    expect(account.error?.message).toContain(recordId(0))
    expect(account.rows).toMatchObject({ read: 2, accepted: 0, unknown: 2 })
    expect(errors.map(({ sf__Error }) => sf__Error!.slice(0, 36))).toEqual(
      Array(2).fill('UNKNOWN:the service gave no answer f'),
    )
  })
})

describe('results that the service refuses for good', () => {
  /** Refuses what comes behind the accepted rows. */
  const refusing = (service: Service): Service => ({
    ...service,
    async *results(...given) {
      for await (const answers of service.results(...given)) {
        if ('placed' in answers || answers.verdict !== 'accepted') break
        yield answers
      }
      throw new RunError('no failedResults for you', { code: 'INSUFFICIENT_ACCESS' })
    },
  })
  const decide = (_: unknown, place: number) => (place === 1 ? rejected(place) : accepted(place))

  it.each(['insert', 'upsert'] as const)('leave those of an %s known that came before them', async (operation) => {
    const service = refusing(echoingService({ decide }))
    const csv = 'Key__c,Name\nK1,a\nK2,b\nK3,c\n'
    const { account, success, errors } = await loadInMemory(csv, { operation, externalId: 'Key__c' }, service)
    expect(success.map(({ Key__c, sf__Id }) => [Key__c, sf__Id])).toEqual([
      ['K1', recordId(0)],
      ['K3', recordId(2)],
    ])
    expect(errors.map(({ Key__c, sf__Error }) => [Key__c, sf__Error])).toEqual([
      ['K2', 'UNKNOWN:job 750x1 has ended, but its results could not be fetched: no failedResults for you'],
    ])
    expect(account.error).toMatchObject({ code: 'INSUFFICIENT_ACCESS' })
  })

  it('leave it open which of two rows was accepted that are alike in what was sent', async () => {
    const service = refusing(echoingService({ decide }))
    const { account } = await loadInMemory('Name,Comment\na,1\na,2\nb,3\n', { operation: 'insert' }, service)
    expect(account.rows).toMatchObject({ accepted: 1, unknown: 2 })
  })
})
