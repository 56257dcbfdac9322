import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMappingFile } from '../../src/mapping/mapping-file.ts'
import { proposeMapping } from '../../src/mapping/proposal/propose-mapping.ts'
import { renderProposal } from '../../src/mapping/proposal/render-proposal.ts'
import { findSampleFormat } from '../../src/mapping/proposal/sample-format.ts'
import { field, thing } from '../load/load-in-memory.ts'

const person = {
  ...thing,
  name: 'Contact',
  label: 'Contact',
  keyPrefix: '003',
  fields: [
    field('Id', 'id', { label: 'Contact ID' }),
    field('LastName', 'string', { nillable: false, label: 'Last Name' }),
    field('Email', 'email'),
    field('Phone', 'phone', { label: 'Business Phone' }),
    field('AccountId', 'reference', { label: 'Account ID', referenceTo: ['Account'], relationshipName: 'Account' }),
    field('Legacy_Key__c', 'string', { label: 'Legacy key' }),
    field('Birthdate', 'date'),
  ],
}

const propose = (columns: Readonly<Record<string, readonly string[]>>) =>
  proposeMapping(
    Object.entries(columns).map(([name, cells]) => ({ name, cells })),
    person,
  )

describe('a proposal', () => {
  it('goes from API names over labels, like names and known words to what cells look like', () => {
    const proposal = propose({
      phone: ['1'],
      'Legacy key': ['k'],
      Nachname: ['Huber'],
      Kontakt: ['a@b.at', 'c@d.at'],
      Kunde: ['001Lc0000000001IAA'],
      Brithdate: ['24.12.1990'],
      Comment: ['x'],
      sf__Error: ['y'],
    })
    expect(proposal.entries.map(({ column, field: name, isGuess, note }) => [column, name, isGuess, note])).toEqual([
      ['phone', 'Phone', false, ''],
      ['Legacy key', 'Legacy_Key__c', true, 'by its label'],
      ['Nachname', 'LastName', true, 'by its name'],
      ['Kontakt', 'Email', true, 'its cells look like it: "a@b.at", "c@d.at"'],
      ['Kunde', 'AccountId', true, 'its cells look like it: "001Lc0000000001IAA"'],
      ['Brithdate', 'Birthdate', true, 'near to Birthdate: check it; reads "24.12.1990"'],
    ])
    expect(proposal.ignored).toEqual([{ column: 'Comment', note: '"x"' }])
    expect(proposal.missing).toEqual([])
    expect(propose({ Phone: [] }).missing).toEqual([{ field: 'LastName', label: 'Last Name' }])
  })

  it.each([
    ['date', ['24.12.1990', '01.02.2003'], { date: 'dd.MM.yyyy' }],
    ['date', ['1.2.2003'], { date: 'd.M.yyyy' }],
    ['date', ['2003-02-01'], undefined],
    ['date', ['12/31/2020', '01/02/2020'], { date: 'MM/dd/yyyy' }],
    ['datetime', ['24.12.1990 07:30', ''], { datetime: 'dd.MM.yyyy HH:mm' }],
    ['currency', ['1.234,50', '7'], { number: '1.234,56' }],
    ['currency', ['€ 1.234', '7,5 €'], { number: '1.234,56' }],
    ['currency', ['1,234.50'], { number: '1,234.56' }],
    ['currency', ['1.234,50-', '+7,25', '−3,00'], { number: '1.234,56' }],
    ['currency', ['12.50-', '3.00'], { number: '1,234.56' }],
    ['double', ['1.5', '2'], undefined],
    ['boolean', ['ja', 'Nein', ''], { boolean: { true: ['ja'], false: ['nein'] } }],
    ['boolean', ['true', '0'], undefined],
    ['string', [' a', 'b'], { transform: ['trim'] }],
    ['string', ['a', ''], undefined],
  ])('reads cells of a %s such as %j', (type, cells, keys) => {
    expect(findSampleFormat(cells, type, undefined)?.keys).toEqual(keys)
  })

  it('says where the cells leave two readings', () => {
    expect(findSampleFormat(['01/02/2020'], 'date', undefined)?.note).toContain('MM/dd/yyyy fits as well: check it')
    expect(findSampleFormat(['1.234,50-'], 'double', undefined)?.note).toBe('reads "1.234,50-"')
    expect(findSampleFormat(['1.234'], 'double', undefined)?.note).toContain('a thousand?')
    expect(findSampleFormat(['1.234'], 'double', '1.234,56')?.keys).toEqual({ number: '1.234,56' })
  })

  it('is a mapping file that loads as it stands, whatever the columns are called', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sfbulk-proposal-'))
    const name = fc.oneof(
      fc.constantFrom('Nachname', 'Email', 'Legacy key', 'Birthdate'),
      fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== ''),
      fc.constantFrom('\u00a0!', '\ufeffBOM', 'two\nlines', 'Birth\r\ndate', '---', '...'),
      fc.constantFrom('a: b', '# c', '- d', "e'f", '"g"', '{h}', 'true', '7', 'null', '~', '&x', '*y', '!z', '%', '@'),
    )
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { maxLength: 6 }), fc.string(), async (names, cell) => {
        const proposal = propose(Object.fromEntries(names.map((each) => [each, [cell]])))
        const path = join(folder, 'm.yaml')
        await writeFile(path, await renderProposal(proposal, 'x.csv', '/schema.json'))
        const mapping = await readMappingFile(path, 'm.yaml', { environment: {}, folder })
        expect(mapping.entries.map((entry) => entry.field)).toEqual(proposal.entries.map((entry) => entry.field))
        expect(mapping.ignore).toEqual(proposal.ignored.map(({ column }) => column))
      }),
      { numRuns: 60 },
    )
  })
})
