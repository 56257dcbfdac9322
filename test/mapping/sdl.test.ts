import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { compileMapping } from '../../src/mapping/compile.ts'
import type { Mapping } from '../../src/mapping/mapping.ts'
import { readMappingFile } from '../../src/mapping/mapping-file.ts'
import { type MappingDirection, readSdl } from '../../src/mapping/sdl.ts'
import { operations } from '../../src/operations.ts'
import { thing } from '../load/load-in-memory.ts'

function read(text: string, direction: MappingDirection = 'load'): Mapping {
  const mapping = readSdl(Buffer.from(text), 'm.sdl', direction)
  if ('faults' in mapping)
    throw new Error(mapping.faults.map(({ line, text: fault }) => `${line}: ${fault}`).join('\n'))
  return mapping
}

const faultsOf = (text: string) => {
  const mapping = readSdl(Buffer.from(text), 'm.sdl', 'load')
  return 'faults' in mapping ? mapping.faults.map(({ line, text: fault }) => `${line}: ${fault}`) : []
}

const pairs = ({ entries }: Mapping) =>
  entries.map(({ field, source }) => [field, source.kind === 'constant' ? { value: source.value } : source])

describe('a mapping of Data Loader', () => {
  it('has columns, several targets, constants, and columns that are left out', () => {
    const mapping = read(
      '#Mapping values\nFIRM=Name\n"California" = BillingState, ShippingState\n""=Industry\nCREATED=\n',
    )
    expect(pairs(mapping)).toEqual([
      ['Name', { kind: 'column', column: 'FIRM' }],
      ['BillingState', { value: 'California' }],
      ['ShippingState', { value: 'California' }],
      ['Industry', { value: '' }],
    ])
    expect(mapping.ignore).toEqual(['CREATED'])
    expect(mapping.entries.map(({ origin }) => origin)).toEqual(['m.sdl:2', 'm.sdl:3', 'm.sdl:3', 'm.sdl:4'])
  })

  it('sends nothing that it does not name, and finds columns and fields in any case', () => {
    const { columns, notes } = compileMapping(
      read('FIRM=nAME\nPARENT=account__R:erp_id__c\nBOSS=Owner\\:User-Email\n'),
      {
        header: ['Firm', 'Parent', 'Boss', 'Note__c'],
        object: thing,
        operation: operations.insert,
        externalId: undefined,
      },
    )
    expect(columns.map(({ target, from }) => [target.name, from])).toEqual([
      ['Name', 0],
      ['Account__r.erp_id__c', 1],
      ['User:Owner.Email', 2],
    ])
    expect(notes).toEqual(['not sent, because the mapping names no field for them: Note__c'])
  })

  it('is refused where Data Loader would pass over a line in silence', () => {
    expect(faultsOf('=Name\n" " = Note__c\nFirst Name=Name\nA=Name\na=Key__c\nB=Name,,Key__c\n')).toEqual([
      '1: no column is named for Name: Data Loader passes over such a line',
      '2: " is half a constant: write a backslash before each space in it, as in "Upper\\ Austria"=Field',
      '3: "First" is not the whole column: write a backslash before each space, : and = in it, as in First\\ Name=FirstName',
      '5: a stands in line 4, too: write its fields in one line, divided by commas',
      '6: a field is missing between the commas of "Name,,Key__c"',
    ])
  })

  it('is read from the right to the left for an extract', () => {
    expect(pairs(read('Name=FIRM\n=SYSTEMMODSTAMP\nAccount.Name = Account_Name\n', 'extract'))).toEqual([
      ['Name', { kind: 'column', column: 'FIRM' }],
      ['Account.Name', { kind: 'column', column: 'Account_Name' }],
    ])
  })

  it('says the same as the YAML of the same columns and constants', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sfbulk-sdl-'))
    const column = fc.string({ unit: fc.constantFrom('a', 'B', 'ü', ' ', ':', '=', '#', "'", '-', '7'), minLength: 1 })
    const source = fc.oneof(
      column.filter((text) => text.trim() !== '').map((text) => ({ kind: 'column' as const, text })),
      fc
        .string({ unit: fc.constantFrom('a', ' ', 'é', ',', ':') })
        .map((text) => ({ kind: 'constant' as const, text })),
    )
    const sources = fc.uniqueArray(source, {
      selector: ({ kind, text }) => `${kind}${text.toLowerCase()}`,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(sources, async (wanted) => {
        const sdl = wanted.map(({ kind, text }, index) => {
          const key = kind === 'column' ? escapeName(text) : `"${escapeName(text)}"`
          return `${key}=Field_${index}__c, Other_${index}__c`
        })
        const fields = wanted.flatMap(({ kind, text }, index) =>
          [`Field_${index}__c`, `Other_${index}__c`].map((name) => [name, kind === 'column' ? text : { value: text }]),
        )
        await writeFile(join(folder, 'm.yaml'), stringify({ fields: Object.fromEntries(fields) }))
        const yaml = await readMappingFile(join(folder, 'm.yaml'), 'm.yaml', { environment: {}, folder })
        expect(pairs(read(sdl.join('\n')))).toEqual(pairs(yaml))
      }),
      { numRuns: 50 },
    )
  })

  it('says the same as the names that it was written from, whatever is in them', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', 'ü', ' ', ':', '=', '#', '!', '\\', '\t', '"', '€'),
      minLength: 1,
    })
    const column = name.filter((text) => !text.startsWith('"'))
    fc.assert(
      fc.property(fc.uniqueArray(column, { selector: (text) => text.toLowerCase(), maxLength: 6 }), (columns) => {
        const text = columns.map((each, index) => `${escapeName(each)}=Field_${index}__c`).join('\n')
        expect(pairs(read(text))).toEqual(
          columns.map((each, index) => [`Field_${index}__c`, { kind: 'column', column: each }]),
        )
      }),
    )
  })
})

/** As java.util.Properties stores a key. */
function escapeName(text: string): string {
  return text
    .replace(/[\\ :=#!]/g, '\\$&')
    .replaceAll('\t', '\\t')
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
