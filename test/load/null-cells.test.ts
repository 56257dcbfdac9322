import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepted, type Decision, echoingService, recordId } from './echoing-service.ts'
import { loadInMemory } from './load-in-memory.ts'

interface Row {
  readonly Comment: string
  readonly Name: string
  readonly Open__c: string
  readonly Note__c: string
}

const rejected = (place: number): Decision => ({ verdict: 'rejected', id: '', created: false, error: `E:${place}:--` })

const row: fc.Arbitrary<Row> = fc.record({
  Comment: fc.constantFrom('', 'p'),
  Name: fc.constantFrom('a', 'b'),
  Open__c: fc.constantFrom('', '#N/A', 'true', '-'),
  Note__c: fc.constantFrom('', '#N/A'),
})

/** What a service may repeat of a cell that was sent: nobody has written down which of these it is. */
const services = {
  'what was sent': (value: string) => value,
  'nothing for null': (value: string) => (value === '#N/A' ? '' : value),
  'null for nothing': (value: string) => (value === '' ? '#N/A' : value),
}

/** What the record is that the row makes: `Open__c` has a default value, `Note__c` has none. */
function recordOf({ Name, Open__c, Note__c }: Row): string {
  const none = (value: string) => (value === '-' ? '#N/A' : value)
  return JSON.stringify([Name, none(Open__c), none(Note__c) === '#N/A' ? '' : Note__c])
}

describe('rows of an insert in which a cell is empty or #N/A, where a field has a default value', () => {
  it.each(
    Object.entries(services),
  )('never get the Id of a record that they did not make, if the service repeats %s', async (_, echo) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.constantFrom(accepted, accepted, accepted, rejected)),
        fc.infiniteStream(fc.nat()),
        async (rows, decide, order) => {
          const decisions = rows.map((_, place) => (decide.next().value ?? accepted)(place))
          const places = rows.map(() => order.next().value as number)
          const service = echoingService({
            decide: (_, place) => decisions[place]!,
            respell: (_, value) => echo(value),
            shuffle: (place) => places[place]!,
          })
          const request = { operation: 'insert', nullValue: '-' } as const
          const { account, success } = await loadInMemory(stringify(rows, { header: true }), request, service)

          const made = new Map(rows.map((each, place) => [recordId(place), recordOf(each)]))
          for (const { sf__Id, ...cells } of success) {
            expect(made.get(sf__Id!)).toBe(recordOf(cells as unknown as Row))
          }
          const isFaithful = echo('#N/A') === '#N/A' && echo('') === ''
          const areAccepted = decisions.every(({ verdict }) => verdict === 'accepted')
          if (isFaithful && areAccepted) expect(account.rows.accepted).toBe(rows.length)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('say so when nothing tells whose record is whose', async () => {
    const respell = (_: string, value: string) => services['nothing for null'](value)
    const service = echoingService({ decide: (_, place) => accepted(place), respell })
    const { account, errors } = await loadInMemory('Name,Open__c\na,\na,#N/A\n', { operation: 'insert' }, service)
    expect(account.rows).toMatchObject({ accepted: 0, unknown: 2 })
    expect(errors[0]!.sf__Error).toMatch(/^UNKNOWN:2 rows are alike but for #N\/A or white space/)
    for (const place of [0, 1]) expect(errors[1]!.sf__Error).toContain(recordId(place))
  })
})
