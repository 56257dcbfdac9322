import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { UsageError } from '../../src/errors.ts'
import { parseMapOptions } from '../../src/mapping/map-options.ts'
import { overlayMapping } from '../../src/mapping/mapping.ts'
import { readMappingFile } from '../../src/mapping/mapping-file.ts'

async function read(text: string | Buffer, name = 'm.yaml') {
  const path = join(await mkdtemp(join(tmpdir(), 'sfbulk-map-')), name)
  await writeFile(path, text)
  const mapping = await readMappingFile(path, name, { environment: { REGION: 'EU' }, folder: '.' })
  return {
    ...mapping,
    entries: mapping.entries.map(({ field, source, origin }) => [field, source, origin]),
  }
}

describe('a mapping file', () => {
  it('names columns and constants, with parameters from the environment and its lines for messages', async () => {
    const text =
      'object: Thing__c\nfields:\n  Name: Firm\n  Note__c: { column: "Bemerkung, lang" }\n  Key__c: { value: "${REGION}-1" }\nignore: [Comment]\n'
    expect(await read(text)).toEqual({
      object: 'Thing__c',
      ignore: ['Comment'],
      files: [],
      entries: [
        ['Name', { kind: 'column', column: 'Firm' }, 'm.yaml:3'],
        ['Note__c', { kind: 'column', column: 'Bemerkung, lang' }, 'm.yaml:4'],
        ['Key__c', { kind: 'constant', value: 'EU-1' }, 'm.yaml:5'],
      ],
    })
  })

  it('may be JSON', async () => {
    expect((await read('{"fields": {"Name": "Firm"}}', 'm.json')).entries).toEqual([
      ['Name', { kind: 'column', column: 'Firm' }, 'm.json:1'],
    ])
  })

  it('is refused with every fault and its line', async () => {
    const text = 'fields:\n  Name: { colum: x }\n  Note__c: { value: "${NOWHERE}" }\n  Key__c: [a]\nfeilds: 1\n'
    const message = await read(text).then(
      () => '',
      (error: Error) => error.message,
    )
    expect(message.split('\n').map((line) => line.trim())).toEqual([
      'm.yaml has 4 faults:',
      'm.yaml:2: Name: unknown key "colum" (did you mean column or columns?)',
      'm.yaml:3: Note__c: value: the environment has no NOWHERE',
      'm.yaml:4: Key__c: expected a column name',
      'm.yaml:5: the file: unknown key "feilds" (did you mean fields?)',
    ])
  })

  it('is told of a fault once, and how to give a parameter', async () => {
    const faultOf = (text: string) =>
      read(text).then(
        () => undefined,
        ({ message, hint }: UsageError) => ({ message, hint }),
      )
    expect(await faultOf('fields:\n  Name: { value: "${NOWHERE}" }\n')).toEqual({
      message: 'm.yaml:2: Name: value: the environment has no NOWHERE',
      hint: 'set it for the command: NOWHERE=… sfbulk …',
    })
    const lookup = 'lookup: a.csv, match: [A, B], take: C, ambiguous: maybe'
    expect((await faultOf(`fields:\n  Name: { ${lookup} }\n`))?.message).toBe(
      'm.yaml:2: Name: ambiguous is one of reject, empty, first, not "maybe"',
    )
  })

  it.each([
    [
      'an alias inside of what it names',
      'fields:\n  Name: &a [*a]\n',
      'm.yaml:2: an alias stands inside of what it names',
    ],
    ['fields that hold themselves', 'fields: &f\n  Name: Firm\n  Note__c: *f\n', 'm.yaml:3: an alias stands inside'],
    [
      'Latin-1',
      Buffer.from('fields:\n  Name: { value: "\xe4" }\n', 'latin1'),
      'm.yaml:2: the file holds bytes that are no',
    ],
    ['UTF-16', Buffer.from('\ufefffields: {}\n', 'utf16le'), 'm.yaml:1: the file holds bytes that are no UTF-8'],
    ['two documents', 'fields:\n  Name: Firm\n---\nfields: {}\n', 'm.yaml:3: another document begins here'],
    ['a tab', 'fields:\n\tName: Firm\n', /^m.yaml:2: Tabs are not allowed as indentation$/],
  ])('is refused with %s', async (_, text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'BAD_MAPPING_FILE' })
    await expect(read(text)).rejects.toThrow(message)
  })

  it('that is not there is told with the folder where it was looked for', async () => {
    await expect(readMappingFile('/nowhere/m.yaml', 'm.yaml', { environment: {}, folder: '.' })).rejects.toMatchObject({
      message: 'the mapping file cannot be read: there is no file m.yaml',
      hint: expect.stringContaining('the current folder is'),
    })
  })

  it('gives way to --map for the same field and for the same column', () => {
    const base = parseMapOptions(['A=Name', 'B=Note__c', 'C=Key__c'])
    const merged = overlayMapping(base, parseMapOptions(['D=name', 'B=Amount__c']))
    expect(merged.entries.map(({ origin }) => origin)).toEqual(['--map C=Key__c', '--map D=name', '--map B=Amount__c'])
  })
})
