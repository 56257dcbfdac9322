import { describe, expect, it } from 'vitest'
import type { QueryOptions } from '../../../src/local-org/engine.ts'
import { openOrg, type TestOrg } from './open-org.ts'

const now = new Date('2026-05-13T10:20:30Z')

/** Two accounts with contacts, an opportunity each and a task about both. */
function openFilledOrg(): TestOrg & { readonly acme: string; readonly bolt: string; readonly lead: string } {
  const org = openOrg({ now: () => now })
  const acme = org.insert('Account', { Name: 'Acme', AnnualRevenue: '10', Industry: 'Energy', BillingCity: 'Wien' })
  const bolt = org.insert('Account', {
    Name: 'bolt',
    Industry: 'Energy',
    ParentId: acme,
    SLA_Expiration_Date__c: '2026-05-10',
  })
  org.write(
    'insert',
    'Contact',
    ['LastName', 'FirstName', 'AccountId', 'Languages__c'],
    [
      ['Li', 'Bo', acme, 'English;German'],
      ['Ng', 'Al', acme, 'German'],
      ["O'Hara_%", null, null, null],
    ],
  )
  const lead = org.insert('Lead', { LastName: 'Lead', Company: 'L', Email: 'lead@example.com' })
  org.insert('Task', { Subject: 'Call', WhoId: lead, WhatId: acme })
  return { ...org, acme, bolt, lead }
}

function names(org: TestOrg, condition: string, object = 'Contact'): unknown[] {
  return org.cells(`SELECT Name FROM ${object} WHERE ${condition} ORDER BY Name`).flat()
}

describe('conditions', () => {
  it.each([
    ["LastName = 'LI'", ['Bo Li']],
    ["LastName != 'li'", ["O'Hara_%", 'Al Ng']],
    ["LastName LIKE '%n%'", ['Al Ng']],
    ["LastName LIKE 'O\\'Hara\\_\\%'", ["O'Hara_%"]],
    ["LastName IN ('li', 'ng')", ['Al Ng', 'Bo Li']],
    ["FirstName NOT IN ('Bo')", ['Al Ng', "O'Hara_%"]],
    ['FirstName = null', ["O'Hara_%"]],
    ["FirstName != ''", ['Al Ng', 'Bo Li']],
    ["FirstName IN ('Bo', null)", ['Bo Li', "O'Hara_%"]],
    ["(NOT FirstName = 'Bo')", ['Al Ng', "O'Hara_%"]],
    ["NOT(FirstName = 'Bo' OR FirstName = 'Al')", ["O'Hara_%"]],
    ["FirstName > 'Al' AND (LastName = 'Li' OR LastName = 'Ng')", ['Bo Li']],
    ["Languages__c INCLUDES ('German')", ['Al Ng', 'Bo Li']],
    ["Languages__c INCLUDES ('English;German', 'French')", ['Bo Li']],
    ["Languages__c EXCLUDES ('English')", ['Al Ng', "O'Hara_%"]],
    ["Account.Name = 'acme'", ['Al Ng', 'Bo Li']],
    ["Account.Owner.Username LIKE 'admin%'", ['Al Ng', 'Bo Li']],
    ['AccountId IN (SELECT Id FROM Account WHERE AnnualRevenue >= 10)', ['Al Ng', 'Bo Li']],
    ['AccountId NOT IN (SELECT Id FROM Account)', ["O'Hara_%"]],
    ['CreatedDate = TODAY AND DoNotCall = false', ['Al Ng', 'Bo Li', "O'Hara_%"]],
    ['CreatedDate > 2026-05-13T12:20:30+02:00', []],
    ['CreatedDate >= 2026-05-13T12:20:30+02:00', ['Al Ng', 'Bo Li', "O'Hara_%"]],
  ])('%s', (condition, expected) => {
    expect(names(openFilledOrg(), condition).sort()).toEqual([...expected].sort())
  })

  it.each([
    ['YESTERDAY', false],
    ['LAST_WEEK', false],
    ['THIS_WEEK', true],
    ['LAST_N_DAYS:3', true],
    ['LAST_N_DAYS:2', false],
    ['N_DAYS_AGO:3', true],
    ['THIS_MONTH', true],
    ['LAST_N_MONTHS:1', false],
    ['THIS_QUARTER', true],
    ['NEXT_YEAR', false],
    ['THIS_FISCAL_YEAR', true],
  ])('2026-05-10 is in %s on 2026-05-13: %s', (literal, found) => {
    expect(names(openFilledOrg(), `SLA_Expiration_Date__c = ${literal}`, 'Account')).toEqual(found ? ['bolt'] : [])
  })
})

describe('what is selected', () => {
  it('comes nested as REST spells it, parents and children with their attributes', () => {
    const org = openFilledOrg()
    const [record] = org.records(
      "SELECT Name, Parent.Name, Parent.Owner.Alias, BillingAddress, (SELECT LastName, Account.Name FROM Contacts ORDER BY LastName DESC LIMIT 1), (SELECT Id FROM Cases) FROM Account WHERE Name = 'Acme'",
    )
    expect(record).toMatchObject({
      attributes: { type: 'Account', url: `/services/data/v66.0/sobjects/Account/${org.acme}` },
      Name: 'Acme',
      Parent: null,
      BillingAddress: { city: 'Wien', country: null },
      Contacts: { totalSize: 1, done: true, records: [{ LastName: 'Ng', Account: { Name: 'Acme' } }] },
      Cases: null,
    })
    expect(org.records("SELECT Parent.Name, Parent.Owner.Alias FROM Account WHERE Name = 'bolt'")[0]).toMatchObject({
      Parent: { Name: 'Acme', Owner: { attributes: { type: 'User' }, Alias: 'admin' } },
    })
  })

  it('has the names of describe, in the order of the query', () => {
    const org = openFilledOrg()
    const { columns } = org.engine.query('SELECT account.OWNER.name, c.lastname, contact.DoNotCall FROM contact c', {
      all: false,
      surface: 'bulk',
    })
    expect(columns).toEqual([
      { name: 'Account.Owner.Name', type: 'string' },
      { name: 'LastName', type: 'string' },
      { name: 'DoNotCall', type: 'boolean' },
    ])
  })

  it('can be a parent of one of several objects', () => {
    const org = openFilledOrg()
    const soql =
      "SELECT Who.Name, What.Type, TYPEOF What WHEN Account THEN Name, Phone ELSE Id END FROM Task WHERE Who.Type = 'Lead'"
    expect(org.records(soql)[0]).toMatchObject({
      Who: { attributes: { type: 'Name', url: `/services/data/v66.0/sobjects/Lead/${org.lead}` }, Name: 'Lead' },
      What: { attributes: { type: 'Account' }, Name: 'Acme', Phone: null },
    })
  })

  it('can be all fields, with a limit', () => {
    const org = openFilledOrg()
    const [record] = org.records('SELECT FIELDS(ALL) FROM Account LIMIT 200')
    expect(Object.keys(record ?? {})).toHaveLength((org.engine.describe('Account')?.fields.length ?? 0) + 1)
    expect(Object.keys(org.records('SELECT FIELDS(CUSTOM) FROM Account LIMIT 1')[0] ?? {})).toContain('ERP_Id__c')
    expect(() => org.cells('SELECT FIELDS(ALL) FROM Account')).toThrow('must have a LIMIT of at most 200')
  })

  it('is ordered with nulls first unless told otherwise, and cut by limit and offset', () => {
    const org = openFilledOrg()
    const order = (clause: string): unknown[] => org.cells(`SELECT FirstName FROM Contact ${clause}`).flat()
    expect(order('ORDER BY FirstName')).toEqual([null, 'Al', 'Bo'])
    expect(order('ORDER BY FirstName DESC')).toEqual([null, 'Bo', 'Al'])
    expect(order('ORDER BY FirstName DESC NULLS LAST')).toEqual(['Bo', 'Al', null])
    expect(order('ORDER BY FirstName LIMIT 1 OFFSET 1')).toEqual(['Al'])
    expect(order('ORDER BY Account.Name NULLS LAST, FirstName')).toEqual(['Al', 'Bo', null])
  })
})

describe('counting and grouping', () => {
  it('counts by the size of the result', () => {
    const org = openFilledOrg()
    const result = org.engine.query('SELECT COUNT() FROM Contact', { all: false, surface: 'rest' })
    expect([result.kind, result.totalSize, result.records(0, 10, '66.0')]).toEqual(['count', 3, []])
  })

  it('gives each group its values, those without a name as expr0, expr1', () => {
    const org = openFilledOrg()
    const soql =
      'SELECT Industry, COUNT(Id) total, SUM(AnnualRevenue), COUNT_DISTINCT(Name), MAX(Name), CALENDAR_YEAR(CreatedDate) FROM Account GROUP BY Industry, CALENDAR_YEAR(CreatedDate) HAVING COUNT(Id) > 1'
    expect(org.records(soql)).toEqual([
      {
        attributes: { type: 'AggregateResult' },
        Industry: 'Energy',
        total: 2,
        expr0: 10,
        expr1: 2,
        expr2: 'bolt',
        expr3: 2026,
      },
    ])
  })

  it('groups by the fields of parents and orders by aggregates', () => {
    const org = openFilledOrg()
    const soql = 'SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC'
    expect(org.cells(soql)).toEqual([
      ['Acme', 2],
      [null, 1],
    ])
  })
})

describe('errors of a query', () => {
  const rest: QueryOptions = { all: false, surface: 'rest' }
  const bulk: QueryOptions = { all: false, surface: 'bulk' }
  const custom = (name: string, entity: string): string =>
    `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`

  it.each([
    [
      'SELECT Bacon__c FROM Account LIMIT 2',
      'INVALID_FIELD',
      `\nSELECT Bacon__c FROM Account LIMIT 2\n       ^\nERROR at Row:1:Column:8\n${custom('Bacon__c', 'Account')}`,
    ],
    [
      'SELECT Id\nFROM Contact\nWHERE Account.Bacon = 1',
      'INVALID_FIELD',
      `\nWHERE Account.Bacon = 1\n              ^\nERROR at Row:3:Column:15\n${custom('Bacon', 'Account')}`,
    ],
    [
      'select count() from XYZZY',
      'INVALID_TYPE',
      "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    ],
  ])('%j say where', (soql, code, message) => {
    const { engine } = openOrg()
    expect(() => engine.query(soql, rest)).toThrow(expect.objectContaining({ code, message }))
  })

  it.each([
    ['SELEKT Id FROM Account', 'MALFORMED_QUERY', "unexpected token: 'SELEKT'"],
    ['SELECT Id FROM', 'MALFORMED_QUERY', "unexpected token: '<EOF>'"],
    [
      "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
      'MALFORMED_QUERY',
      "unexpected token: 'OR'",
    ],
    ['SELECT Id, Id FROM Account', 'INVALID_FIELD', 'duplicate field selected: Id'],
    ['SELECT Id, Spouse.Name FROM Contact', 'INVALID_FIELD', "Didn't understand relationship 'Spouse' in field path."],
    [
      'SELECT Id, (SELECT Id FROM Pets) FROM Contact',
      'INVALID_TYPE',
      "Didn't understand relationship 'Pets' in FROM part of query call.",
    ],
    ['SELECT Owner.UserRoleId FROM Lead', 'INVALID_FIELD', "No such column 'UserRoleId' on entity 'Name'"],
    [
      "SELECT Id FROM Account WHERE Description = 'x'",
      'INVALID_FIELD',
      "field 'Description' can not be filtered in a query call",
    ],
    [
      'SELECT Id FROM Account ORDER BY Description',
      'MALFORMED_QUERY',
      "field 'Description' can not be sorted in a query call",
    ],
    [
      "SELECT Id FROM Account WHERE NumberOfEmployees = '5'",
      'INVALID_FIELD',
      "value of filter criterion for field 'NumberOfEmployees' must be of type int and should not be enclosed in quotes",
    ],
    [
      'SELECT Id FROM Account WHERE Name = 5',
      'INVALID_FIELD',
      "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ],
    ["SELECT Id FROM Account WHERE Id = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: abc'],
    [
      'SELECT Name, COUNT(Id) FROM Account GROUP BY Industry',
      'MALFORMED_QUERY',
      'Field must be grouped or aggregated: Name',
    ],
    ['SELECT SUM(Name) FROM Account', 'MALFORMED_QUERY', 'field Name does not support aggregate operator SUM'],
    ['SELECT Id FROM Account LIMIT 1 OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset allowed is 2000'],
  ])('%s', (soql, code, message) => {
    const { engine } = openOrg()
    expect(() => engine.query(soql, rest)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })

  it.each([
    ['SELECT BillingAddress FROM Account', 'Selecting compound data not supported in Bulk Query'],
    [
      'SELECT (SELECT Id FROM Contacts) FROM Account',
      'Aggregate Relationships not supported in Bulk V2 Query with CSV content type',
    ],
    ['SELECT COUNT(Id) FROM Account', 'Aggregate Relationships not supported in Bulk Query'],
    ['SELECT COUNT() FROM Account', 'Aggregate Relationships not supported in Bulk Query'],
    ['SELECT Industry FROM Account GROUP BY Industry', 'Aggregate Relationships not supported in Bulk Query'],
    ['SELECT Id FROM Account LIMIT 1 OFFSET 1', 'OFFSET clause not supported in Bulk Query'],
    ['SELECT TYPEOF What WHEN Account THEN Name END FROM Task', 'TYPEOF clause not supported in Bulk Query'],
    ['SELECT Body FROM Attachment', 'Binary field not supported'],
  ])('%s in a Bulk API job', (soql, message) => {
    const { engine } = openOrg()
    expect(() => engine.query(soql, bulk)).toThrow(expect.objectContaining({ code: 'API_ERROR', message }))
  })
})

describe('a long query', () => {
  const rest: QueryOptions = { all: false, surface: 'rest' }

  it('may list thousands of values', () => {
    const org = openOrg()
    const id = org.insert('Account', { Name: 'Name 2999' })
    const names = Array.from({ length: 3000 }, (_, index) => `'Name ${index}'`)
    expect(org.cells(`SELECT Id FROM Account WHERE Name IN (${names.join(', ')})`)).toEqual([[id]])
  })

  it('is refused when its conditions are too many', () => {
    const { engine } = openOrg()
    const conditions = Array.from({ length: 1200 }, (_, index) => `Name = 'Name ${index}'`)
    expect(() => engine.query(`SELECT Id FROM Account WHERE ${conditions.join(' OR ')}`, rest)).toThrow(
      expect.objectContaining({ code: 'QUERY_TOO_COMPLICATED' }),
    )
  })
})

describe('a result', () => {
  it.each([10, 2500])('of %d rows stays what it was while the records change', (count) => {
    const org = openOrg()
    const rows = Array.from({ length: count }, (_, index) => [`Name ${index}`])
    for (let start = 0; start < count; start += 200) {
      org.write('insert', 'Account', ['Name'], rows.slice(start, start + 200))
    }
    const result = org.engine.query('SELECT Id, Name FROM Account', { all: false, surface: 'bulk' })
    const [[first] = []] = result.cells(0, 1)
    org.write('update', 'Account', ['Id', 'Name'], [[String(first), 'changed']])
    org.write('delete', 'Account', ['Id'], [[String(first)]])
    expect(result.totalSize).toBe(count)
    expect(result.cells(0, 1)).toEqual([[first, 'Name 0']])
    expect(result.cells(count - 2, 100).map(([, name]) => name)).toEqual([`Name ${count - 2}`, `Name ${count - 1}`])
    expect(result.records(count - 1, 1, '66.0')[0]).toMatchObject({ Name: `Name ${count - 1}` })
    result.close()
  })
})
