import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CellValue } from '../../../src/local-org/engine.ts'
import { openOrg } from './open-org.ts'

/** Field, its values as text, and what a query gives back for one. */
const kinds: readonly (readonly [field: string, values: fc.Arbitrary<string>, stored: (text: string) => CellValue])[] =
  [
    ['Remark__c', fc.string({ maxLength: 255 }), (text) => text.replaceAll('\0', '').trim() || null],
    ['Paid__c', fc.constantFrom('true', 'FALSE', '1', '0'), (text) => text === 'true' || text === '1'],
    ['Quantity__c', fc.integer({ min: -1e15, max: 1e15 }).map(String), (text) => Number(text) + 0],
    ['Amount__c', fc.integer({ min: -1e9, max: 1e9 }).map((cents) => String(cents / 100)), (text) => Number(text) + 0],
    ['Issued_On__c', day(), (text) => text],
    ['Paid_At__c', day().map((text) => `${text}T23:59:59+00:00`), (text) => `${text.slice(0, 19)}.000Z`],
    [
      'Pickup_Time__c',
      fc.constantFrom('00:00:00', '23:59:59.5Z'),
      (text) => `${text.slice(0, 8)}${text.includes('.') ? '.500Z' : '.000Z'}`,
    ],
    ['Billing_Email__c', fc.constantFrom('a@b.co', 'first.last@example.com'), (text) => text],
    ['Region__c', fc.constantFrom('EMEA', 'APAC', ''), (text) => text || null],
    ['Tags__c', fc.subarray(['Urgent', 'Export', 'Disputed']).map((tags) => tags.join(';')), (text) => text || null],
    ['Account__c', fc.constant(''), () => null],
  ]

function day(): fc.Arbitrary<string> {
  return fc
    .date({ min: new Date('1700-01-01T00:00:00Z'), max: new Date('3999-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10))
}

describe('any value', () => {
  it.each(kinds)('of %s comes back as it was stored', (field, values, stored) => {
    const org = openOrg()
    fc.assert(
      fc.property(values, (text) => {
        const id = org.insert('Invoice__c', { [field]: text })
        expect(org.cells(`SELECT ${field} FROM Invoice__c WHERE Id = '${id}'`)).toEqual([[stored(text)]])
      }),
      { numRuns: 30 },
    )
  })
})

interface Invoice {
  readonly Remark__c: string | null
  readonly Quantity__c: number | null
  readonly Paid__c: boolean
  readonly Issued_On__c: string | null
}

/** A condition as SOQL, and what it says of a record. */
interface Filter {
  readonly soql: string
  test(invoice: Invoice): boolean
}

const words = ['', 'a', 'B', 'ab', 'Ä', "it's", '100%', 'x_y', 'back\\slash', 'line\nbreak']
const invoices = fc.record<Invoice>({
  Remark__c: fc.constantFrom(null, ...words.slice(1)),
  Quantity__c: fc.option(fc.integer({ min: -2, max: 3 }), { nil: null }),
  Paid__c: fc.boolean(),
  Issued_On__c: fc.constantFrom(null, '2026-01-01', '2026-01-31', '2026-02-01'),
})

describe('any filter', () => {
  it('finds the records that the same condition finds in the program', () => {
    fc.assert(
      fc.property(
        fc.array(invoices, { minLength: 1, maxLength: 12 }),
        fc.array(filters(), { minLength: 5, maxLength: 15 }),
        (all, conditions) => {
          const org = openOrg()
          const fields = ['Remark__c', 'Quantity__c', 'Paid__c', 'Issued_On__c'] as const
          const rows = all.map((invoice) =>
            fields.map((field) => (invoice[field] === null ? null : String(invoice[field]))),
          )
          const ids = org.write('insert', 'Invoice__c', fields, rows).map(({ id }) => id)
          for (const { soql, test } of conditions) {
            const found = org.cells(`SELECT Id FROM Invoice__c WHERE ${soql}`).flat()
            expect({ soql, found }).toEqual({ soql, found: ids.filter((_, index) => test(all[index]!)) })
          }
        },
      ),
      { numRuns: 15 },
    )
  })
})

function filters(): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter; simple: Filter; not: Filter; joined: Filter }>((tie) => ({
    filter: fc.oneof({ maxDepth: 3 }, tie('simple'), tie('not'), tie('joined')),
    simple: fc.oneof(textFilters(), numberFilters(), flagFilters(), dateFilters()),
    // The parser loses a NOT within two others, and the engine refuses such a query.
    not: tie('filter')
      .filter(({ soql }) => !soql.includes('NOT (('))
      .map(({ soql, test }) => ({
        soql: `(NOT (${soql}))`,
        test: (invoice: Invoice) => !test(invoice),
      })),
    joined: fc.tuple(fc.constantFrom('AND', 'OR'), tie('filter'), tie('filter')).map(([operator, a, b]) => ({
      soql: `((${a.soql}) ${operator} (${b.soql}))`,
      test: (invoice: Invoice) =>
        operator === 'AND' ? a.test(invoice) && b.test(invoice) : a.test(invoice) || b.test(invoice),
    })),
  })).filter
}

/** Letters A to Z alone have two cases to the engine. */
function fold(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function quote(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`
}

function textFilters(): fc.Arbitrary<Filter> {
  const equal = (a: string | null, b: string): boolean => (b === '' ? a === null : a !== null && fold(a) === fold(b))
  const word = fc.constantFrom(...words)
  return fc.oneof(
    word.map((text) => ({
      soql: `Remark__c = ${quote(text)}`,
      test: ({ Remark__c }: Invoice) => equal(Remark__c, text),
    })),
    word.map((text) => ({
      soql: `Remark__c != ${quote(text)}`,
      test: ({ Remark__c }: Invoice) => !equal(Remark__c, text),
    })),
    fc.array(word, { minLength: 1, maxLength: 4 }).map((list) => ({
      soql: `Remark__c NOT IN (${list.map(quote).join(', ')})`,
      test: ({ Remark__c }: Invoice) => !list.some((text) => equal(Remark__c, text)),
    })),
    fc.constantFrom('a', 'B', "'", '%', '_', '\\').map((text) => ({
      soql: `Remark__c LIKE '%${quote(text).slice(1, -1).replace(/[%_]/, '\\$&')}%'`,
      test: ({ Remark__c }: Invoice) => Remark__c !== null && fold(Remark__c).includes(fold(text)),
    })),
  )
}

const comparisons = {
  '=': (a: number | string, b: number | string) => a === b,
  '<': (a: number | string, b: number | string) => a < b,
  '<=': (a: number | string, b: number | string) => a <= b,
  '>': (a: number | string, b: number | string) => a > b,
  '>=': (a: number | string, b: number | string) => a >= b,
}

function numberFilters(): fc.Arbitrary<Filter> {
  return fc
    .tuple(fc.constantFrom(...Object.entries(comparisons)), fc.integer({ min: -3, max: 4 }))
    .map(([[operator, compare], number]) => ({
      soql: `Quantity__c ${operator} ${number}`,
      test: ({ Quantity__c }) => Quantity__c !== null && compare(Quantity__c, number),
    }))
}

function flagFilters(): fc.Arbitrary<Filter> {
  return fc.boolean().map((flag) => ({ soql: `Paid__c = ${flag}`, test: ({ Paid__c }) => Paid__c === flag }))
}

function dateFilters(): fc.Arbitrary<Filter> {
  const dated = fc
    .tuple(fc.constantFrom(...Object.entries(comparisons)), fc.constantFrom('2026-01-01', '2026-01-15', '2026-02-01'))
    .map(([[operator, compare], date]) => ({
      soql: `Issued_On__c ${operator} ${date}`,
      test: ({ Issued_On__c }: Invoice) => Issued_On__c !== null && compare(Issued_On__c, date),
    }))
  const months = fc.integer({ min: 1, max: 3 }).map((month) => ({
    soql: `CALENDAR_MONTH(Issued_On__c) != ${month}`,
    test: ({ Issued_On__c }: Invoice) => Issued_On__c === null || Number(Issued_On__c.slice(5, 7)) !== month,
  }))
  return fc.oneof(dated, months)
}
