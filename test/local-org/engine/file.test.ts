import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/local-org/sqlite-engine.ts'
import { inTransaction, openDatabase } from '../../../src/sqlite/database.ts'
import { openOrg } from './open-org.ts'

describe('the file of an org', () => {
  it('keeps records, and the numbers of ids go on', () => {
    const org = openOrg()
    const first = org.insert('Account', { Name: 'A' })
    const again = openEngine(org.file)
    const columns = again.columns('Account', 'insert', ['Name'])
    const [second] = again.write({ object: 'Account', operation: 'insert', columns, rows: [['B']] })
    again.close()
    expect([second?.id, first].sort()).toEqual([first, second?.id])
    expect(org.cells('SELECT Name FROM Account')).toEqual([['A'], ['B']])
  })

  it('is empty after a reset, but for the org and its administrator; no id comes twice', () => {
    const org = openOrg()
    const users = org.cells('SELECT Id, Username FROM User')
    const before = org.insert('Account', { Name: 'A', ERP_Id__c: 'K' })
    org.engine.reset()
    expect(org.cells('SELECT Id FROM Account', true)).toEqual([])
    expect(org.cells('SELECT Id, Username FROM User')).toEqual(users)
    expect(org.insert('Account', { Name: 'A', ERP_Id__c: 'K' })).not.toBe(before)
  })

  it('takes many chunks in one transaction, which is kept or lost as a whole', () => {
    const org = openOrg()
    const storage = openDatabase(join(org.folder, 'shared.db'))
    const engine = openEngine(storage)
    const columns = engine.columns('Account', 'insert', ['Name'])
    const insert = (): void => {
      engine.write({ object: 'Account', operation: 'insert', columns, rows: [['A'], ['']] })
      engine.write({ object: 'Account', operation: 'insert', columns, rows: [['B'], ['']], allOrNone: true })
    }
    expect(() =>
      inTransaction(storage, () => {
        insert()
        throw new Error('lost')
      }),
    ).toThrow('lost')
    expect(engine.count('Account')).toBe(0)
    inTransaction(storage, insert)
    expect(engine.count('Account')).toBe(1)
    engine.close()
    storage.close()
  })
})

describe('describe files', () => {
  const text = { type: 'string', length: 40, createable: true, updateable: true, nillable: true, referenceTo: [] }
  const fields = [
    { name: 'Id', label: 'Id', type: 'id', idLookup: true, referenceTo: [], picklistValues: [], filterable: true },
    { ...text, name: 'Name', label: 'Name', nameField: true, picklistValues: [], filterable: true, sortable: true },
    {
      ...text,
      name: 'Account__c',
      label: 'Account',
      type: 'reference',
      referenceTo: ['Account'],
      relationshipName: 'Account__r',
      picklistValues: [],
      filterable: true,
    },
  ]

  it('of a folder are objects like the others, with a key prefix of their own', () => {
    const { folder } = openOrg()
    const objects = join(folder, 'objects')
    mkdirSync(objects)
    writeFileSync(join(objects, 'pet.json'), JSON.stringify({ name: 'Pet__c', label: 'Pet', keyPrefix: 'a00', fields }))
    const org = openOrg({ objectsFolder: objects })
    const account = org.insert('Account', { Name: 'Acme', ERP_Id__c: 'A1' })
    const pet = org.insert('Pet__c', { Name: 'Rex', 'Account__r.ERP_Id__c': 'A1' })
    expect(pet.slice(0, 3)).not.toBe('a00')
    expect(org.cells('SELECT Name, Account__r.Name, Account__c FROM Pet__c')).toEqual([['Rex', 'Acme', account]])
    org.write('delete', 'Account', ['Id'], [[account]])
    expect(org.cells('SELECT Account__c FROM Pet__c')).toEqual([[null]])
  })

  it('may gain fields while the file has records', () => {
    const { folder } = openOrg()
    const describe = join(folder, 'pet.json')
    const file = join(folder, 'pets.db')
    for (const names of [
      ['Id', 'Name'],
      ['Id', 'Name', 'Account__c'],
    ]) {
      const shown = fields.filter(({ name }) => names.includes(name))
      writeFileSync(describe, JSON.stringify({ name: 'Pet__c', label: 'Pet', keyPrefix: 'a0P', fields: shown }))
      const engine = openEngine(file, { objectsFolder: folder })
      const columns = engine.columns('Pet__c', 'insert', ['Name'])
      engine.write({ object: 'Pet__c', operation: 'insert', columns, rows: [['Rex']] })
      const result = engine.query(`SELECT ${names.join(', ')} FROM Pet__c`, { all: false, surface: 'rest' })
      expect(result.columns.map(({ name }) => name)).toEqual(names)
      engine.close()
    }
  })

  it('are complete: every field of every built-in object has the same keys', () => {
    const { engine } = openOrg()
    const shapes = engine.objects().flatMap(({ fields }) => fields.map((field) => Object.keys(field).sort().join()))
    expect(new Set(shapes).size).toBe(1)
    expect(engine.describe('INVOICE__C')).toMatchObject({ name: 'Invoice__c', keyPrefix: 'a00' })
  })
})

describe('files', () => {
  const body = Buffer.from('hello, world')

  it('that are attached keep their bytes and their length', () => {
    const org = openOrg()
    const ParentId = org.insert('Account', { Name: 'A' })
    const id = org.insert('Attachment', { ParentId, Name: 'a.txt', Body: body.toString('base64') })
    expect([...(org.engine.blob('Attachment', id, 'body') ?? [])]).toEqual([body])
    expect(org.records('SELECT BodyLength, Body FROM Attachment')[0]).toMatchObject({
      BodyLength: 12,
      Body: `/services/data/v66.0/sobjects/Attachment/${id}/Body`,
    })
    org.write('hardDelete', 'Account', ['Id'], [[ParentId]])
    expect(org.engine.blob('Attachment', id, 'Body')).toBeUndefined()
  })

  it('are documents with versions and links', () => {
    const org = openOrg()
    const account = org.insert('Account', { Name: 'A' })
    const VersionData = body.toString('base64')
    const first = org.insert('ContentVersion', {
      PathOnClient: 'C:\\x\\plan.pdf',
      VersionData,
      FirstPublishLocationId: account,
    })
    const [[document] = []] = org.cells(`SELECT ContentDocumentId FROM ContentVersion WHERE Id = '${first}'`)
    org.insert('ContentVersion', {
      ContentDocumentId: String(document),
      Title: 'Plan B',
      PathOnClient: 'b.pdf',
      VersionData,
    })
    expect(org.cells('SELECT Title, VersionNumber, IsLatest, FileExtension, ContentSize FROM ContentVersion')).toEqual([
      ['plan', '1', false, 'pdf', 12],
      ['Plan B', '2', true, 'pdf', 12],
    ])
    expect(org.cells('SELECT Id, Title FROM ContentDocument')).toEqual([[document, 'Plan B']])
    expect(org.cells(`SELECT ShareType FROM ContentDocumentLink WHERE LinkedEntityId = '${account}'`)).toEqual([['V']])
  })
})
