import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepted, type Decision, echoingService, recordId } from './echoing-service.ts'
import { loadInMemory } from './load-in-memory.ts'

interface Row {
  readonly Name: string
  readonly Key__c: string
  readonly Note__c: string
}

const rejected = (place: number): Decision => ({ verdict: 'rejected', id: '', created: false, error: `E:${place}:--` })

const space = fc.constantFrom('', '', ' ', '\u00a0', '\n', '\t ', '\u3000')
const padded = (text: fc.Arbitrary<string>) => fc.tuple(space, text, space).map((pieces) => pieces.join(''))
const row: fc.Arbitrary<Row> = fc.record({
  Name: padded(fc.constantFrom('a', 'b', 'ü', 'a  b', '"')),
  Key__c: padded(fc.nat(9).map((number) => `K${number}`)),
  Note__c: padded(fc.constantFrom('', 'x')),
})

/** What a service may repeat of a text. */
const services = {
  'what was sent': (_: string, value: string) => value,
  'no white space around a text': (_: string, value: string) => value.trim(),
  'no blanks behind a text': (_: string, value: string) => value.replace(/ +$/, ''),
  'no white space around some texts': (column: string, value: string) => (column === 'Name' ? value : value.trim()),
}

const trimmed = ({ Name, Key__c, Note__c }: Row) => JSON.stringify([Name, Key__c, Note__c].map((text) => text.trim()))

describe('answers in which texts have lost the white space around them', () => {
  it.each(
    Object.entries(services),
  )('go to the rows that they are for, or to none, if the service repeats %s', async (_, respell) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('insert', 'upsert'),
        fc.infiniteStream(fc.constantFrom(accepted, accepted, accepted, rejected)),
        fc.infiniteStream(fc.nat()),
        async (rows, operation, decide, order) => {
          const decisions = rows.map((_, place) => (decide.next().value ?? accepted)(place))
          const places = rows.map(() => order.next().value as number)
          const service = echoingService({
            decide: (_, place) => decisions[place]!,
            respell,
            shuffle: (place) => places[place]!,
          })
          const csv = stringify(
            rows.map((cells, place) => ({ ...cells, Comment: String(place) })),
            { header: true },
          )
          const { account, success, errors } = await loadInMemory(csv, { operation, externalId: 'Key__c' }, service)

          const alike = (place: number) =>
            rows.flatMap((other, at) => (JSON.stringify(other) === JSON.stringify(rows[place]) ? [at] : []))
          for (const { Comment, sf__Id } of success) expect(alike(Number(Comment)).map(recordId)).toContain(sf__Id)
          for (const { Comment, sf__Error } of errors) {
            if (sf__Error!.startsWith('UNKNOWN:')) continue
            expect(alike(Number(Comment)).map((place) => rejected(place).error)).toContain(sf__Error)
          }
          const by = operation === 'insert' ? trimmed : ({ Key__c }: Row) => Key__c.trim()
          if (new Set(rows.map(by)).size === rows.length) expect(account.rows.unknown).toBe(0)
        },
      ),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 40) },
    )
  })

  it('are fetched a second time only where rows are left without one', async () => {
    const fetches: string[] = []
    const load = async (respell: (column: string, value: string) => string) => {
      const service = echoingService({ decide: (_, place) => accepted(place), respell })
      const results: typeof service.results = (sent, ...rest) => {
        fetches.push(sent.id)
        return service.results(sent, ...rest)
      }
      const csv = 'Name,Key__c\n"a ",K1\nb,K2\n'
      const { account } = await loadInMemory(
        csv,
        { operation: 'upsert', externalId: 'Key__c' },
        { ...service, results },
      )
      return account.rows.accepted
    }
    expect(await load(services['no white space around a text'])).toBe(2)
    expect(fetches).toHaveLength(1)
  })
})
