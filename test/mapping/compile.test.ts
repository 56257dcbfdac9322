import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { compileMapping } from '../../src/mapping/compile.ts'
import { parseMapOptions } from '../../src/mapping/map-options.ts'
import { type OperationName, operations } from '../../src/operations.ts'
import { thing } from '../load/load-in-memory.ts'

function compile(header: string[], map: string[] = [], operation: OperationName = 'insert', externalId?: string) {
  const { columns, notes } = compileMapping(parseMapOptions(map), {
    header,
    object: thing,
    operation: operations[operation],
    externalId,
  })
  return { fields: columns.map(({ target, from }) => [target.name, from]), notes }
}

const faultOf = (run: () => unknown): UsageError => {
  try {
    run()
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('matching columns to fields', () => {
  it('takes the API name before the label when two columns mean one field', () => {
    expect(compile(['Key', 'Key__c', 'Name']).fields).toEqual([
      ['Key__c', 1],
      ['Name', 2],
    ])
  })

  it('reports columns that match nothing once, with the nearest names', () => {
    expect(compile(['Name', 'Nmae', 'Comment']).notes).toEqual([
      'not sent, because they match no field of Thing__c: Nmae (did you mean Name?), Comment',
    ])
  })

  it.each([
    'Account__c.ERP_Id__c',
    'account.ERP_Id__c',
    'Account__c:ERP_Id__c',
  ])('refuses a column %s, without which rows would have no parent', (column) => {
    expect(faultOf(() => compile(['Name', column]))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('write Account__r.ERP_Id__c'),
    })
  })

  it('leaves out the columns to ignore, whatever their case, and of two that differ in nothing else the one named', () => {
    const sent = (header: string[], ignore: string[]) =>
      compileMapping(
        { ...parseMapOptions([]), ignore },
        { header, object: thing, operation: operations.insert, externalId: undefined },
      ).columns.map(({ from }) => from)
    expect(sent(['Name', 'Note__c'], ['note__C'])).toEqual([0])
    expect(sent(['Note__c', 'Name', 'name'], ['name'])).toEqual([0, 1])
  })

  it('refuses two columns of one API name in another case, unless the mapping says which is meant', () => {
    const fault = faultOf(() => compile(['Note__c', 'Name', 'NAME']))
    expect(fault).toMatchObject({ code: 'BAD_HEADER', exitCode: 2 })
    expect(fault.message).toBe('the columns Name and NAME both name the field Name')
    expect(compile(['Note__c', 'Name', 'NAME'], ['NAME=Name'])).toEqual({
      fields: [
        ['Note__c', 0],
        ['Name', 2],
      ],
      notes: ['not sent, because something else fills their field: Name'],
    })
  })

  it('says which columns are left out because another one fills their field', () => {
    expect(compile(['Key', 'Key__c', 'Name', 'Firm'], ['Firm=Name']).notes).toEqual([
      'not sent, because something else fills their field: Name, Key',
    ])
  })

  it('says which read-only fields are left out', () => {
    expect(compile(['Name', 'CreatedDate']).notes).toEqual(['not sent, because insert cannot set them: CreatedDate'])
  })

  it('takes parents by external ID, with the type prefix where the reference may point to several objects', () => {
    expect(compile(['Name', 'Account__r.ERP_Id__c', 'User:Owner.Email']).fields).toEqual([
      ['Name', 0],
      ['Account__r.ERP_Id__c', 1],
      ['User:Owner.Email', 2],
    ])
    expect(faultOf(() => compile(['Name', 'Owner.Email'])).message).toBe(
      'column "Owner.Email": OwnerId may point to Group, User: say which, as in Group:Owner.Email',
    )
    expect(faultOf(() => compile(['Name', 'Account:Account__r.X__c'])).message).toContain('points to Account alone')
    expect(faultOf(() => compile(['Name'], ['Name=Acount__r.X__c'])).message).toBe(
      '--map Name=Acount__r.X__c: Thing__c has no relationship Acount__r (did you mean Account__r?); it has Account__r, Owner',
    )
    expect(compile(['Name', 'a.b']).notes).toEqual(['not sent, because they match no field of Thing__c: a.b'])
  })
})

describe('a mapping that cannot be', () => {
  it('lists every fault at once', () => {
    const { message, exitCode } = faultOf(() =>
      compile(['Name', 'B'], ['A=Name', 'B=Nam', 'Name=CreatedDate', 'Name=Note__c', 'B=note__c']),
    )
    expect(exitCode).toBe(2)
    expect(message.split('\n')).toEqual([
      'the mapping has 4 faults:',
      '  --map A=Name: the input has no column "A"',
      '  --map B=Nam: Thing__c has no field Nam (did you mean Name?)',
      '  --map Name=CreatedDate: CreatedDate cannot be set by insert',
      '  --map B=note__c: Note__c is filled twice',
    ])
  })

  it('tells the columns of the input where one is missing, and where the fields stand otherwise', () => {
    expect(faultOf(() => compile(['Name', 'B'], ['A=Name'])).hint).toBe(
      'nothing was sent; columns of the input: Name, B',
    )
    expect(faultOf(() => compile(['Name', 'B'], ['B=Nam'])).hint).toContain('sfbulk describe')
  })

  it('is refused when no column fills a field', () => {
    expect(faultOf(() => compile(['x', 'y'])).code).toBe('NOTHING_MAPPED')
    expect(faultOf(() => compile(['Id', 'y'], [], 'update')).code).toBe('NOTHING_MAPPED')
  })

  it('is refused without the key that the operation needs', () => {
    expect(faultOf(() => compile(['Name'], [], 'update')).message).toBe(
      'update needs a column for Id, and the input has none',
    )
    expect(faultOf(() => compile(['Name'], [], 'upsert')).code).toBe('NO_EXTERNAL_ID')
    expect(faultOf(() => compile(['Name'], [], 'upsert', 'Note__c')).message).toBe(
      'Note__c is no external ID of Thing__c',
    )
    expect(faultOf(() => compile(['Name'], [], 'upsert', 'Kee__c')).message).toContain('did you mean Key__c?')
    expect(faultOf(() => compile(['Name'], [], 'upsert', 'Key__c')).code).toBe('NO_KEY_COLUMN')
  })

  it('is refused when an option has no column or no field', () => {
    expect(faultOf(() => parseMapOptions(['Name'])).message).toBe('--map Name names no column')
    expect(faultOf(() => parseMapOptions(['Name='])).message).toBe('--map Name= names no field')
  })
})
