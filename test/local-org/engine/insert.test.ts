import { describe, expect, it } from 'vitest'
import { openOrg, spellResults } from './open-org.ts'

describe('an insert', () => {
  it('gives an id with the prefix of the object and fills in what the org keeps', () => {
    const org = openOrg({ now: () => new Date('2026-03-04T05:06:07.890Z') })
    const id = org.insert('Account', { Name: '  Acme  ', AnnualRevenue: '5.5e3' })
    expect(id).toMatch(/^001[0-9A-Za-z]{15}$/)
    const [record] = org.records(
      'SELECT Name, AnnualRevenue, IsDeleted, CreatedDate, SystemModstamp, Owner.Name FROM Account',
    )
    expect(record).toEqual({
      attributes: { type: 'Account', url: `/services/data/v66.0/sobjects/Account/${id}` },
      Name: 'Acme',
      AnnualRevenue: 5500,
      IsDeleted: false,
      CreatedDate: '2026-03-04T05:06:07.000+0000',
      SystemModstamp: '2026-03-04T05:06:07.000+0000',
      Owner: { attributes: expect.objectContaining({ type: 'User' }), Name: 'Local Administrator' },
    })
  })

  it.each([
    ['Account', { Industry: 'Energy' }, 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --'],
    ['Account', { Name: ' ' }, 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --'],
    [
      'Opportunity',
      { Amount: '1' },
      'REQUIRED_FIELD_MISSING:Required fields are missing: [Name, CloseDate, StageName]:Name CloseDate StageName --',
    ],
    [
      'Account',
      { Name: 'A', NumberOfEmployees: '250.0' },
      'INVALID_TYPE_ON_FIELD_IN_RECORD:Employees: value not of required type: 250.0:NumberOfEmployees --',
    ],
    [
      'Account',
      { Name: 'A', NumberOfEmployees: '2147483648' },
      'NUMBER_OUTSIDE_VALID_RANGE:Employees: value outside of valid range on numeric field: 2147483648:NumberOfEmployees --',
    ],
    [
      'Account',
      { Name: 'A', Number_of_Locations__c: '1000' },
      'NUMBER_OUTSIDE_VALID_RANGE:Number of Locations: value outside of valid range on numeric field: 1000:Number_of_Locations__c --',
    ],
    [
      'Account',
      { Name: 'A', AnnualRevenue: '1,5' },
      'INVALID_TYPE_ON_FIELD_IN_RECORD:Annual Revenue: value not of required type: 1,5:AnnualRevenue --',
    ],
    [
      'Account',
      { Name: 'A', AnnualRevenue: '-1' },
      'FIELD_CUSTOM_VALIDATION_EXCEPTION:Annual Revenue must not be negative.:AnnualRevenue --',
    ],
    [
      'Account',
      { Name: 'A', Sic: 'x'.repeat(21) },
      `STRING_TOO_LONG:SIC Code: data value too large: ${'x'.repeat(21)} (max length=20):Sic --`,
    ],
    [
      'Account',
      { Name: 'A', Customer_Priority__c: 'Top' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Customer Priority: bad value for restricted picklist field: Top:Customer_Priority__c --',
    ],
    [
      'Account',
      { Name: 'A', SLA_Expiration_Date__c: '2026-02-29' },
      'INVALID_TYPE_ON_FIELD_IN_RECORD:SLA Expiration Date: value not of required type: 2026-02-29:SLA_Expiration_Date__c --',
    ],
    [
      'Account',
      { Name: 'A', ParentId: '12' },
      'MALFORMED_ID:Parent Account ID: id value of incorrect type: 12:ParentId --',
    ],
    [
      'Account',
      { Name: 'A', ParentId: '0038c00002FInboAAD' },
      'MALFORMED_ID:Parent Account ID: id value of incorrect type: 0038c00002FInboAAD:ParentId --',
    ],
    [
      'Account',
      { Name: 'A', ParentId: '0018c00002FInboAAD' },
      'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:ParentId --',
    ],
    [
      'Account',
      { Name: 'A', CreatedDate: '2020-01-01T00:00:00Z' },
      'INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: CreatedDate. Please check the security settings of this field and verify that it is read/write for your profile or permission set.:CreatedDate --',
    ],
    [
      'Account',
      { Name: 'A', Id: '0018c00002FInboAAD' },
      'INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --',
    ],
    [
      'Contact',
      { LastName: 'A', Email: 'nobody' },
      'INVALID_EMAIL_ADDRESS:Email: invalid email address: nobody:Email --',
    ],
    [
      'Contact',
      { LastName: 'A', DoNotCall: 'maybe' },
      'INVALID_TYPE_ON_FIELD_IN_RECORD:Do Not Call: value not of required type: maybe:DoNotCall --',
    ],
    [
      'Contact',
      { LastName: 'A', EmailBouncedDate: '2026-01-01' },
      'INVALID_TYPE_ON_FIELD_IN_RECORD:Email Bounced Date: value not of required type: 2026-01-01:EmailBouncedDate --',
    ],
    [
      'Contact',
      { LastName: 'A', 'Account.ERP_Id__c': 'none' },
      'INVALID_FIELD:Foreign key external ID: none not found for field ERP_Id__c in entity Account:--',
    ],
    [
      'Invoice__c',
      { Tags__c: 'Urgent;Later' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Tags: bad value for restricted picklist field: Later:Tags__c --',
    ],
  ])('of %s with %o is refused in the words of Salesforce', (object, values, expected) => {
    const org = openOrg()
    expect(spellResults(org.write('insert', object, Object.keys(values), [Object.values(values)]))).toEqual([expected])
    expect(org.engine.count(object)).toBe(0)
  })

  it('keeps good rows beside bad ones, unless all or none are wanted', () => {
    const org = openOrg()
    const rows = [['One'], [''], ['Two']]
    expect(spellResults(org.write('insert', 'Account', ['Name'], rows)).map((text) => text.slice(0, 22))).toEqual([
      'ok',
      'REQUIRED_FIELD_MISSING',
      'ok',
    ])
    const rolledBack =
      'ALL_OR_NONE_OPERATION_ROLLED_BACK:Record rolled back because not all records were valid and the request was using AllOrNone header:--'
    const results = spellResults(org.write('insert', 'Account', ['Name'], rows, { allOrNone: true }))
    expect([results[0], results[2]]).toEqual([rolledBack, rolledBack])
    expect(org.cells('SELECT Name FROM Account')).toEqual([['One'], ['Two']])
  })

  it('refuses a unique value that another record has, in the file or in the same chunk', () => {
    const org = openOrg()
    const first = org.insert('Account', { Name: 'A', ERP_Id__c: 'X1' })
    const results = org.write(
      'insert',
      'Account',
      ['Name', 'ERP_Id__c'],
      [
        ['B', 'x1'],
        ['C', 'Y'],
        ['D', 'y'],
        ['E', null],
      ],
    )
    const clash = (id: string | undefined): string =>
      `DUPLICATE_VALUE:duplicate value found: ERP_Id__c duplicates value on record with id: ${id}:ERP_Id__c --`
    expect(spellResults(results)).toEqual([clash(first), 'ok', clash(results[1]?.id), 'ok'])
  })

  it('tells upper from lower case in a key that is case-sensitive', () => {
    const org = openOrg()
    const rows = [['a'], ['A'], ['a']]
    expect(
      spellResults(org.write('insert', 'Invoice__c', ['External_Code__c'], rows)).map((text) => text.slice(0, 15)),
    ).toEqual(['ok', 'ok', 'DUPLICATE_VALUE'])
  })

  it('takes the defaults of the object where a row says nothing', () => {
    const org = openOrg()
    org.insert('Lead', { LastName: 'Li', Company: 'C', Email: undefined })
    org.insert('Case', { Subject: 'x' })
    org.insert('Case', { Subject: 'y', Status: 'Closed' })
    expect(org.cells('SELECT Status, IsUnreadByOwner, IsConverted, Name FROM Lead')).toEqual([
      ['Open - Not Contacted', true, false, 'Li'],
    ])
    expect(org.cells('SELECT CaseNumber, Priority, IsClosed FROM Case')).toEqual([
      ['00001000', 'Medium', false],
      ['00001001', 'Medium', true],
    ])
  })

  it('leaves a field empty that a row sets to null, whatever its default', () => {
    const org = openOrg()
    org.insert('Case', { Status: null, Priority: undefined })
    expect(org.cells('SELECT Status, Priority FROM Case')).toEqual([[null, 'Medium']])
  })

  it('of a user whose name is taken says so', () => {
    const org = openOrg()
    const [[Username, ProfileId] = []] = org.cells('SELECT Username, ProfileId FROM User')
    const values = {
      Username,
      ProfileId,
      LastName: 'L',
      Email: 'l@example.com',
      Alias: 'l',
      TimeZoneSidKey: 'GMT',
      LocaleSidKey: 'en_US',
      EmailEncodingKey: 'UTF-8',
      LanguageLocaleKey: 'de',
    }
    const rows = [Object.values(values).map(String)]
    expect(org.write('insert', 'User', Object.keys(values), rows)[0]?.error?.statusCode).toBe('DUPLICATE_USERNAME')
  })

  it('names an invoice by its id, counts it and computes its formula', () => {
    const org = openOrg()
    const id = org.insert('Invoice__c', { Amount__c: '100.005', Tax_Rate__c: '20' })
    const [cells] = org.cells('SELECT Name, Ledger_Number__c, Amount__c, Gross_Amount__c FROM Invoice__c')
    expect(cells).toEqual([id, '00001000', 100.01, expect.closeTo(120.012)])
  })

  it('finds parents by external id, those of several objects by their name', () => {
    const org = openOrg()
    const account = org.insert('Account', { Name: 'A', ERP_Id__c: 'A1' })
    const lead = org.insert('Lead', { LastName: 'L', Company: 'C', Email: 'l@example.com' })
    org.insert('Task', { Subject: 'Call', 'Lead:Who.Email': 'L@example.com', 'Account:What.ERP_Id__c': 'a1' })
    expect(org.cells('SELECT WhoId, WhatId, AccountId FROM Task')).toEqual([[lead, account, account]])
  })

  it('of more than 200 rows is refused as a whole', () => {
    const org = openOrg()
    const rows = Array.from({ length: 201 }, () => ['A'])
    expect(() => org.write('insert', 'Account', ['Name'], rows)).toThrow(
      expect.objectContaining({ code: 'EXCEEDED_ID_LIMIT' }),
    )
  })
})

describe('columns', () => {
  it.each([
    ['FavoritePet__c', "No such column 'FavoritePet__c' on sobject of type Account"],
    [
      'Parent.Bacon__c',
      'Field name provided, Bacon__c does not match an External ID, Salesforce Id, or indexed field for Account',
    ],
    [
      'Parent.Name',
      'Field name provided, Name does not match an External ID, Salesforce Id, or indexed field for Account',
    ],
    ['Account:Parent.ERP_Id__c', "No such column 'Account:Parent.ERP_Id__c' on sobject of type Account"],
    ['Sibling.ERP_Id__c', "No such column 'Sibling.ERP_Id__c' on sobject of type Account"],
  ])('refuse %s', (name, message) => {
    const { engine } = openOrg()
    expect(() => engine.columns('Account', 'insert', [name])).toThrow(
      expect.objectContaining({ code: 'INVALID_FIELD', message }),
    )
  })

  it('are found in any case and keep the name that was given', () => {
    const { engine } = openOrg()
    const [name, parent] = engine.columns('account', 'insert', ['NAME', 'parent.erp_id__C'])
    expect(name).toMatchObject({ name: 'NAME', field: { name: 'Name' } })
    expect(parent).toMatchObject({
      field: { name: 'ParentId' },
      parent: { object: 'Account', field: { name: 'ERP_Id__c' } },
    })
  })

  it('name the object of a lookup that has several', () => {
    const { engine } = openOrg()
    expect(() => engine.columns('Task', 'insert', ['Who.Email'])).toThrow("No such column 'Who.Email'")
    expect(engine.columns('Task', 'insert', ['Lead:Who.Email'])[0]).toMatchObject({ parent: { object: 'Lead' } })
  })
})
