import { describe, expect, it } from 'vitest'
import { openOrg, spellResults } from './open-org.ts'

const absent = '0018c00002FInboAAD'

describe('an update', () => {
  it('changes what a cell names, empties what is null, leaves alone what is undefined', () => {
    const org = openOrg()
    const id = org.insert('Account', { Name: 'A', Phone: '1', Site: 's', Fax: 'f' })
    const rows = [[id.slice(0, 15), 'B', null, undefined]]
    expect(org.write('update', 'Account', ['Id', 'Name', 'Phone', 'Site'], rows)).toEqual([{ id, created: false }])
    expect(org.cells('SELECT Name, Phone, Site, Fax FROM Account')).toEqual([['B', null, 's', 'f']])
  })

  it('of a record that stands in the chunk twice builds on the first', () => {
    const org = openOrg()
    const id = org.insert('Account', { Name: 'A' })
    const rows = [
      [id, '1', undefined],
      [id, undefined, 's'],
    ]
    org.write('update', 'Account', ['Id', 'Phone', 'Site'], rows)
    expect(org.cells('SELECT Phone, Site FROM Account')).toEqual([['1', 's']])
  })

  it('moves the stamps of change and leaves those of creation', () => {
    let now = new Date('2026-01-01T00:00:00Z')
    const org = openOrg({ now: () => now })
    const id = org.insert('Account', { Name: 'A' })
    now = new Date('2026-01-02T00:00:00Z')
    org.write('update', 'Account', ['Id', 'Name'], [[id, 'B']])
    expect(org.cells('SELECT CreatedDate, LastModifiedDate, SystemModstamp FROM Account')).toEqual([
      ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-02T00:00:00.000Z'],
    ])
  })

  it('refuses rows without a record', () => {
    const org = openOrg()
    const deleted = org.insert('Account', { Name: 'A' })
    org.write('delete', 'Account', ['Id'], [[deleted]])
    const contact = org.insert('Contact', { LastName: 'C' })
    const rows = [
      ['', 'x'],
      ['nonsense', 'x'],
      [contact, 'x'],
      [absent, 'x'],
      [deleted, 'x'],
    ]
    expect(spellResults(org.write('update', 'Account', ['Id', 'Name'], rows))).toEqual([
      'MISSING_ARGUMENT:Id not specified in an update call:--',
      'MALFORMED_ID:Record ID: id value of incorrect type: nonsense:Id --',
      `MALFORMED_ID:Record ID: id value of incorrect type: ${contact}:Id --`,
      'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--',
      'ENTITY_IS_DELETED:entity is deleted:--',
    ])
  })

  it('does not empty a required field', () => {
    const org = openOrg()
    const id = org.insert('Account', { Name: 'A' })
    expect(spellResults(org.write('update', 'Account', ['Id', 'Name'], [[id, null]]))).toEqual([
      'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
    ])
  })

  it('can hand a unique value from one record to another within a chunk', () => {
    const org = openOrg()
    const one = org.insert('Account', { Name: '1', ERP_Id__c: 'K' })
    const two = org.insert('Account', { Name: '2' })
    const rows = [
      [two, 'K'],
      [one, 'L'],
      [two, 'K'],
    ]
    expect(spellResults(org.write('update', 'Account', ['Id', 'ERP_Id__c'], rows))).toEqual([
      `DUPLICATE_VALUE:duplicate value found: ERP_Id__c duplicates value on record with id: ${one}:ERP_Id__c --`,
      'ok',
      'ok',
    ])
  })

  it('does not change a field that is set once', () => {
    const org = openOrg()
    const contact = org.insert('Contact', { LastName: 'C' })
    const id = org.insert('Opportunity', { Name: 'O', StageName: 'Closed Won', CloseDate: '2026-01-01' })
    expect(org.cells('SELECT Probability, IsWon, ForecastCategory FROM Opportunity')).toEqual([[100, true, 'Closed']])
    const [result] = spellResults(org.write('update', 'Opportunity', ['Id', 'ContactId'], [[id, contact]]))
    expect(result).toMatch(/^INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create\/update fields: ContactId\./)
  })
})

describe('an upsert', () => {
  it('inserts what it does not find and updates what it finds, in any case of the key', () => {
    const org = openOrg()
    const id = org.insert('Account', { Name: 'A', ERP_Id__c: 'A1' })
    const rows = [
      ['a1', 'B'],
      ['A2', 'C'],
    ]
    const results = org.write('upsert', 'Account', ['ERP_Id__c', 'Name'], rows, { externalIdField: 'erp_id__c' })
    expect(results).toEqual([
      { id, created: false },
      { id: expect.any(String), created: true },
    ])
    expect(org.cells('SELECT Name FROM Account ORDER BY Name')).toEqual([['B'], ['C']])
  })

  it('refuses every row of a key that comes twice, and rows without a key', () => {
    const org = openOrg()
    const rows = [
      ['K', '1'],
      ['k', '2'],
      ['', '3'],
      ['L', '4'],
    ]
    const results = org.write('upsert', 'Account', ['ERP_Id__c', 'Name'], rows, { externalIdField: 'ERP_Id__c' })
    expect(spellResults(results)).toEqual([
      'DUPLICATE_VALUE:Duplicate external id specified: K:ERP_Id__c --',
      'DUPLICATE_VALUE:Duplicate external id specified: k:ERP_Id__c --',
      'MISSING_ARGUMENT:ERP_Id__c not specified:ERP_Id__c --',
      'ok',
    ])
    expect(results.map(({ created }) => created)).toEqual([true, true, true, true])
  })

  it('refuses a key that several records have', () => {
    const org = openOrg()
    const ids = ['1', '2'].map((name) => org.insert('Invoice__c', { Name: name, Legacy_Id__c: '7' }))
    const results = org.write('upsert', 'Invoice__c', ['Legacy_Id__c'], [['7.0']], { externalIdField: 'Legacy_Id__c' })
    expect(spellResults(results)).toEqual([
      `DUPLICATE_EXTERNAL_ID:Legacy Id: more than one record found for external id field: [${ids.join(', ')}]:Legacy_Id__c --`,
    ])
  })

  it('by Id inserts where the Id is empty', () => {
    const org = openOrg()
    const id = org.insert('Account', { Name: 'A' })
    const rows = [
      [id, 'B'],
      [null, 'C'],
      ['', 'D'],
    ]
    const results = org.write('upsert', 'Account', ['Id', 'Name'], rows, { externalIdField: 'Id' })
    expect(results.map(({ created }) => created)).toEqual([false, true, true])
  })

  it('needs a field that is a key', () => {
    const org = openOrg()
    expect(() => org.write('upsert', 'Account', ['Name'], [['x']], { externalIdField: 'Name' })).toThrow(
      'Field name provided, Name does not match an External ID, Salesforce Id, or indexed field for Account',
    )
  })
})

describe('a delete', () => {
  it('puts records and their children into the recycle bin, from where they come back', () => {
    const org = openOrg()
    const account = org.insert('Account', { Name: 'A', ERP_Id__c: 'K' })
    const contact = org.insert('Contact', { LastName: 'C', AccountId: account })
    const invoice = org.insert('Invoice__c', { Account__c: account })
    expect(org.write('delete', 'Account', ['Id'], [[account]])).toEqual([{ id: account, created: false }])
    expect(org.cells('SELECT Id FROM Contact')).toEqual([])
    expect(org.cells('SELECT Id, IsDeleted FROM Contact', true)).toEqual([[contact, true]])
    expect(org.cells('SELECT Id, Account__c FROM Invoice__c')).toEqual([[invoice, null]])
    expect(spellResults(org.write('delete', 'Account', ['Id'], [[account]]))).toEqual([
      'ENTITY_IS_DELETED:entity is deleted:--',
    ])
    expect(spellResults(org.write('undelete', 'Account', ['Id'], [[account]]))).toEqual(['ok'])
    expect(org.cells('SELECT Name, (SELECT Id FROM Contacts) FROM Account')).toHaveLength(1)
    expect(org.engine.count('Contact')).toBe(1)
    expect(org.cells('SELECT Id, Account__c FROM Invoice__c')).toEqual([[invoice, account]])
  })

  it('brings back what went with the record, not what was deleted before it nor a lookup that was filled since', () => {
    const org = openOrg()
    const [account, other] = [org.insert('Account', { Name: 'A' }), org.insert('Account', { Name: 'B' })]
    const contacts = ['Before', 'With'].map((LastName) => org.insert('Contact', { LastName, AccountId: account }))
    const invoice = org.insert('Invoice__c', { Account__c: account })
    org.write('delete', 'Contact', ['Id'], [[contacts[0]]])
    org.write('delete', 'Account', ['Id'], [[account]])
    org.write('update', 'Invoice__c', ['Id', 'Account__c'], [[invoice, other]])
    org.write('undelete', 'Account', ['Id'], [[account]])
    expect(org.cells('SELECT LastName FROM Contact')).toEqual([['With']])
    expect(org.cells('SELECT Account__c FROM Invoice__c')).toEqual([[other]])
  })

  it('frees unique values; a record whose value is taken since does not come back', () => {
    const org = openOrg()
    const old = org.insert('Account', { Name: 'A', ERP_Id__c: 'K' })
    org.write('delete', 'Account', ['Id'], [[old]])
    const successor = org.insert('Account', { Name: 'B', ERP_Id__c: 'K' })
    expect(spellResults(org.write('undelete', 'Account', ['Id'], [[old]]))).toEqual([
      `DUPLICATE_VALUE:duplicate value found: ERP_Id__c duplicates value on record with id: ${successor}:ERP_Id__c --`,
    ])
  })

  it('is refused while a case holds the record', () => {
    const org = openOrg()
    const account = org.insert('Account', { Name: 'Acme' })
    org.insert('Case', { AccountId: account })
    expect(spellResults(org.write('delete', 'Account', ['Id'], [[account]]))).toEqual([
      'DELETE_FAILED:Your attempt to delete Acme could not be completed because it is associated with the following cases.: 00001000\n:--',
    ])
  })

  it('past the recycle bin leaves nothing, not even of what lay in it', () => {
    const org = openOrg()
    const ids = ['A', 'B'].map((Name) => org.insert('Account', { Name }))
    org.write('delete', 'Account', ['Id'], [[ids[0]]])
    const rows = ids.map((id) => [id])
    expect(spellResults(org.write('hardDelete', 'Account', ['Id'], rows))).toEqual(['ok', 'ok'])
    expect(org.cells('SELECT Id FROM Account', true)).toEqual([])
    expect(spellResults(org.write('hardDelete', 'Account', ['Id'], rows))[0]).toBe(
      'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--',
    )
  })

  it('past the recycle bin takes the children that lie in it along', () => {
    const org = openOrg()
    const account = org.insert('Account', { Name: 'A' })
    org.insert('Contact', { LastName: 'C', AccountId: account })
    org.write('delete', 'Account', ['Id'], [[account]])
    org.write('hardDelete', 'Account', ['Id'], [[account]])
    expect(org.cells('SELECT Id FROM Contact', true)).toEqual([])
  })

  it('of users is not possible', () => {
    const org = openOrg()
    const [[id] = []] = org.cells('SELECT Id FROM User')
    expect(() => org.write('delete', 'User', ['Id'], [[String(id)]])).toThrow(
      'entity type User does not support delete',
    )
  })

  it('of a record that stands in the chunk twice is made once', () => {
    const org = openOrg()
    const id = org.insert('Account', { Name: 'A' })
    expect(spellResults(org.write('delete', 'Account', ['Id'], [[id], [id]]))).toEqual([
      'ok',
      'ENTITY_IS_DELETED:entity is deleted:--',
    ])
  })
})
