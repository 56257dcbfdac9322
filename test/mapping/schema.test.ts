import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readMappingFile } from '../../src/mapping/mapping-file.ts'
import { renderMappingSchema } from '../../src/mapping/mapping-schema.ts'

const published: unknown = JSON.parse(readFileSync('schemas/mapping.schema.json', 'utf8'))
const validate = new Ajv({ strict: false }).compile(published as object)

/** What both sides must take. */
const sound = [
  'A: Firm',
  'A: { column: Firm }',
  'A: { value: "x" }',
  'A: { value: 12 }',
  'A: { columns: [First, Last], separator: " ", default: nobody }',
  'A: { column: E, transform: [trim, lower, upper, title, collapse] }',
  'A: { column: E, transform: trim }',
  'A: { column: E, transform: { prefix: AT- } }',
  'A: { column: E, transform: [{ suffix: x }, { substring: { from: 2, length: 3 } }, { split: { by: ";", take: -1 } }] }',
  'A: { column: E, transform: [{ replace: { text: a, by: b } }, { replace: { pattern: "^0+" } }, { hash: sha256 }] }',
  'A: { column: E, values: { J: yes, N: no }, otherwise: keep }',
  'A: { column: E, transform: [{ values: { J: 1 }, otherwise: empty }] }',
  'A: { column: E, number: de-AT }',
  'A: { column: E, number: "1.234,56" }',
  'A: { column: E, number: { decimal: ",", group: "." } }',
  'A: { column: E, date: dd.MM.yyyy }',
  'A: { column: E, date: [dd.MM.yyyy, d.M.yy] }',
  'A: { column: E, date: { pattern: d. MMMM yyyy, locale: de } }',
  'A: { column: E, datetime: { pattern: dd.MM.yyyy HH:mm, zone: Europe/Vienna } }',
  'A: { column: E, time: HH:mm }',
  'A: { column: E, boolean: { true: [ja, j], false: nein } }',
  'A: { column: E, transform: [boolean] }',
  'A: { lookup: a.csv, match: [K, Key], take: sf__Id, missing: empty, ambiguous: first }',
  'A: { lookup: { query: "SELECT Id, K__c FROM Account" }, match: [K, K__c], take: Id, transform: [trim], default: x }',
]

/** What both sides must refuse, with what the reader says. */
const unsound: readonly [string, string][] = [
  ['A: { colum: x }', 'A: unknown key "colum" (did you mean column or columns?)'],
  ['A: { column: x, columns: [a] }', 'A: there is "column:" and "columns:"; leave one out'],
  ['A: { transform: [trim] }', 'A: expected "column:", "columns:", "value:" or "lookup:"'],
  ['A: { value: x, transform: [trim] }', 'A: "value:" stands alone: nothing is to be done with a constant'],
  ['A: { column: x, transform: [trimm] }', 'A: transform: unknown step "trimm" (did you mean trim or time?)'],
  ['A: { column: x, transform: [{ evaluate: 1 }] }', 'A: transform: unknown step "evaluate" (known: trim, '],
  ['A: { column: x, transform: [split] }', 'A: transform: split wants to know more: { split: … }, see docs/mapping.md'],
  ['A: { column: x, transform: [{ substring: { from: 0 } }] }', 'substring: from wants a whole number'],
  ['A: { column: x, transform: [{ hash: crc }] }', 'hash is one of sha256, sha512, sha1, md5, not "crc"'],
  ['A: { column: x, transform: [{ replace: { by: x } }] }', 'replace wants either "text:" or "pattern:"'],
  ['A: { column: x, boolean: { true: ja } }', 'A: boolean wants words for both "true:" and "false:"'],
  ['A: { column: x, date: { pattern: dd.MM.yyyy, zone: UTC } }', 'A: date: unknown key "zone"'],
  ['A: { column: x, number: { group: "." } }', 'A: number wants "decimal:"'],
  [
    'A: { column: x, otherwise: maybe, values: { a: b } }',
    'A: values: otherwise is one of reject, keep, empty, not "maybe"',
  ],
  ['A: { lookup: a.csv, match: [K], take: sf__Id }', 'match wants [column of the input, column of the lookup]'],
  ['A: { lookup: a.csv, match: [K, L] }', 'A: a lookup wants "take:", the column whose text is sent'],
  ['A: { lookup: a.csv, match: [K, L], take: I, missing: first }', 'A: missing is one of reject, empty, not "first"'],
  ['A: { lookup: a.csv, match: [K, L], take: I, date: dd.MM.yyyy }', 'date goes into "transform:" here'],
]

/** What only the reader can tell. */
const senseless: readonly [string, string][] = [
  ['A: { column: x, date: DD.MM.YYYY }', '"DD.MM.YYYY": DD is no part of a date; write dd'],
  ['A: { column: x, date: dd.mm.yyyy }', '"dd.mm.yyyy": mm is no part of a date; known are'],
  ['A: { column: x, date: MM.yyyy }', '"MM.yyyy" has no day'],
  ['A: { column: x, date: { pattern: dd.MM.yyyy, locale: de_AT! } }', '"de_AT!" is no locale such as de-AT'],
  ['A: { column: x, datetime: { pattern: dd.MM.yyyy, zone: Wien } }', '"Wien" is no time zone such as Europe/Vienna'],
  ['A: { column: x, number: "?" }', '"?" is no locale, such as de-AT, and no sample 1.234,56'],
  [
    'A: { column: x, transform: [{ replace: { pattern: "(" } }] }',
    'replace: the pattern is not sound: missing closing )',
  ],
  [
    'A: { column: x, transform: [{ replace: { pattern: "(a)", by: $2 } }] }',
    'by names $2, and the pattern has 1 groups',
  ],
  ['A: { column: x, boolean: { true: [ja], false: [JA] } }', '"ja" stands for true and for false'],
  ['A: { column: x, date: dd.MM.yyyy, number: de }', '"number:" and "date:" cannot both read the value'],
  ['A: { column: x, values: nowhere.csv }', 'A: values: '],
  ['A: { column: x, default: "${NOWHERE}" }', 'A: default: the environment has no NOWHERE'],
]

async function faultOf(entry: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-schema-'))
  await writeFile(join(folder, 'm.yaml'), `fields:\n  ${entry}\n`)
  return await readMappingFile(join(folder, 'm.yaml'), 'm.yaml', { environment: {}, folder }).then(
    () => 'none',
    (error: Error) => error.message,
  )
}

describe('the published schema', () => {
  it('is the one that the table of transforms makes', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(renderMappingSchema())))
  })

  it.each(sound)('takes what the reader takes: %s', async (entry) => {
    expect(await faultOf(entry)).toBe('none')
    expect(validate(parse(`fields:\n  ${entry}\n`)), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each(unsound)('refuses what the reader refuses: %s', async (entry, message) => {
    expect(await faultOf(entry)).toContain(message)
    expect(validate(parse(`fields:\n  ${entry}\n`))).toBe(false)
  })

  it.each(senseless)('leaves to the reader what needs sense: %s', async (entry, message) => {
    expect(await faultOf(entry)).toContain(message)
  })
})
