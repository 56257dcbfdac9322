import fc from 'fast-check'
import { builtInObjects } from '../../src/local-org/schema-objects.ts'
import type { FieldDescription, ObjectDescription } from '../../src/org/object-description.ts'
import { formatId } from '../../src/values/record-id.ts'

/** Rows of good and bad cells for every field of an object that the operation can set; the same ones each time. */
export function corpusOf(
  object: ObjectDescription,
  operation: 'createable' | 'updateable',
  rows: number,
): { readonly header: readonly string[]; readonly lines: readonly (readonly string[])[] } {
  const fields = object.fields.filter((field) => field[operation] && field.type !== 'base64')
  const isRare = (field: FieldDescription) => field.nillable || operation === 'updateable'
  // As many cells are filled as give a row about two faults: nine in ten rows are bad.
  const empty = Math.max(0, Math.round(fields.length / 16) - 1)
  const row = fc.tuple(
    ...fields.map((field) =>
      fc.oneof({ arbitrary: fc.constant(''), weight: isRare(field) ? empty : 0 }, cellOf(field)),
    ),
  )
  // A text of its own tells each row from all others, so that the answer of the service is surely its own.
  const named = fields.findIndex(
    ({ name, externalId, type }) => (externalId && type === 'string') || name === 'Description',
  )
  const lines = fc
    .sample(row, { numRuns: rows, seed: object.name.length })
    .map((cells, line) => cells.map((cell, column) => (column === named ? `K-${line}` : cell)))
  return { header: fields.map(({ name }) => name), lines }
}

/** Quotes every cell. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
}

export function describedObject(name: string): ObjectDescription {
  const objects = builtInObjects as unknown as readonly ObjectDescription[]
  return objects.find((object) => object.name === name)!
}

function cellOf(field: FieldDescription): fc.Arbitrary<string> {
  const [good, bad] = [fc.constantFrom(...goodTexts(field)), fc.constantFrom(...badTexts(field))]
  return fc.oneof({ arbitrary: good, weight: 12 }, { arbitrary: bad, weight: 1 }, { arbitrary: anyText, weight: 1 })
}

const anyText = fc.oneof(
  fc.string({ maxLength: 12, unit: fc.constantFrom(...'0123456789.-+eE:TZ ') }),
  fc.string({ maxLength: 12, unit: fc.constantFrom(...'truefalsTRUE01 #N/A@.;äß€') }),
  fc.constantFrom('#N/A', ' ', '\u00a0', ' #N/A', '"', '""', "'", '\t'),
)

const recordTypes = ['', '012000000000001AAA', '012000000000002AAA', '012000000000002']

function goodTexts(field: FieldDescription): readonly string[] {
  const { length } = field
  switch (field.type) {
    case 'boolean':
      return ['true', 'false', '1', '0', 'TRUE', ' False ']
    case 'int':
      return ['0', '-17', '912260031', '2147483647', '+5', ' 12 ']
    case 'double':
    case 'currency':
    case 'percent':
      return ['0', '-1.5', '12', '.5', '3.', '1e1', '7.123456789012345678']
    case 'date':
      return ['2026-11-21', '2024-02-29', '1940-06-07Z', '1700-01-01', '4000-12-31']
    case 'datetime':
      return [
        '2026-11-21T16:30:00Z',
        '2026-11-21T16:30:00.123Z',
        '2024-02-29T23:59:59+01:00',
        '1999-12-31T00:00:00.000-0800',
      ]
    case 'time':
      return ['16:30:00', '16:30:00.5Z', '23:59:59.999Z']
    case 'email':
      return ['a@b.example', "o'neill+x@mail.b-c.example", ' a@b.example ']
    case 'picklist':
      return field.restrictedPicklist ? active(field) : [...active(field), 'Something else']
    case 'multipicklist':
      return [active(field).slice(0, 2).join(';'), active(field)[0] ?? 'x']
    case 'reference':
      return field.name === 'RecordTypeId' ? recordTypes : ['', '']
    default:
      return [
        'x',
        'Grün & Söhne',
        'MÃ¼ller',
        'lost \ufffd',
        'y'.repeat(length),
        `${'ä'.repeat(length - 1)} `,
        '  z',
      ].filter((text) => text !== '')
  }
}

function badTexts(field: FieldDescription): readonly string[] {
  const { length, precision, scale } = field
  switch (field.type) {
    case 'boolean':
      return ['yes', 'ja', '2']
    case 'int':
      return ['250.0', '2147483648', '-2147483649', '1 000', '1e3', 'many', '12345678901']
    case 'double':
    case 'currency':
    case 'percent':
      return [
        '1,5',
        '1.2.3',
        'about 6',
        '0x10',
        `1${'0'.repeat(precision - scale)}`,
        `${'9'.repeat(precision - scale)}.99999999999999999999`,
        '1e40',
        '--1',
        '-',
      ]
    case 'date':
      return ['21.11.2026', '2026-02-30', '2023-02-29', '1699-12-31', '2026-13-01', '2026-11-21T00:00:00Z', '2026-1-1']
    case 'datetime':
      return [
        '2026-11-21',
        '2026-11-21T16:30Z',
        '2026-11-21 16:30:00Z',
        '2026-11-21T24:00:00Z',
        '2026-02-30T00:00:00.000Z',
        '2026-11-21T16:60:00Z',
      ]
    case 'time':
      return ['16:30', '24:00:00', '16:30:00.1234', '4 pm']
    case 'email':
      return [
        'a@b',
        'a b@c.example',
        'a@b..example',
        '@b.example',
        'a@b.example.',
        'a@b@c.example',
        `${'a'.repeat(length)}@b.example`,
      ]
    case 'picklist':
      return ['Terrible', 'x'.repeat(length + 1)]
    case 'multipicklist':
      return [`${active(field)[0]};Terrible`, 'x'.repeat(length + 1)]
    case 'reference':
      return [
        '012000000000003AAA',
        '001',
        'abc',
        formatId('00k', 1),
        formatId('003', 1).slice(0, 17),
        formatId('001', 1).toLowerCase(),
        `${formatId('005', 1).slice(0, 15)}ZZZ`,
        '00!000000000001AAA',
      ]
    default:
      return ['x'.repeat(length + 1), 'ä'.repeat(length + 1), '😀'.repeat(length / 2 + 1)]
  }
}

function active({ picklistValues }: FieldDescription): readonly string[] {
  return picklistValues.filter((each) => each.active).map(({ value }) => value)
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
