import { describe, expect, it } from 'vitest'
import { chooseFields } from '../../src/sync/choose-fields.ts'
import { addObjects, changeObject } from '../../src/sync/sync-file.ts'
import { openCopy } from './open-copy.ts'

const family = [
  { object: 'Contact', fields: ['LastName', 'AccountId', 'ReportsToId'] },
  { object: 'Account', fields: ['Name', 'ParentId', 'ERP_Id__c'] },
] as const

describe('parents and children that are made together', () => {
  it('get their Ids in waves, parents first, and refer to each other everywhere', async () => {
    const copy = await openCopy(family)
    copy.edit(`
      INSERT INTO Account (Id, Name) VALUES ('local:a', 'Grandparent');
      INSERT INTO Account (Id, Name, ParentId) VALUES ('local:b', 'Parent', 'local:a');
      INSERT INTO Contact (Id, LastName, AccountId) VALUES ('local:c', 'Boss', 'local:b');
      INSERT INTO Contact (LastName, AccountId, ReportsToId) VALUES ('Clerk', 'local:b', 'local:c');
    `)
    const { status } = await copy.sync()
    expect(status.objects.map(({ pending, rejects }) => [pending.create, rejects])).toEqual([
      [0, 0],
      [0, 0],
    ])
    const expected = [
      ['Boss', 'Parent', 'Grandparent', null],
      ['Clerk', 'Parent', 'Grandparent', 'Boss'],
    ]
    expect(
      copy.rows(`SELECT c.LastName, a.Name, p.Name, b.LastName FROM Contact c JOIN Account a ON a.Id = c.AccountId
        JOIN Account p ON p.Id = a.ParentId LEFT JOIN Contact b ON b.Id = c.ReportsToId ORDER BY 1`),
    ).toEqual(expected)
    const soql = 'SELECT LastName, Account.Name, Account.Parent.Name, ReportsTo.LastName FROM Contact ORDER BY LastName'
    expect(await copy.query(soql)).toMatchObject([
      { LastName: 'Boss', Account: { Name: 'Parent', Parent: { Name: 'Grandparent' } }, ReportsTo: null },
      { LastName: 'Clerk', Account: { Name: 'Parent' }, ReportsTo: { LastName: 'Boss' } },
    ])
    expect(copy.rows("SELECT count(*) FROM Contact WHERE Id LIKE 'local:%' OR AccountId LIKE 'local:%'")).toEqual([[0]])
  })

  it('in a circle are made one without its reference, which follows', async () => {
    const copy = await openCopy(family)
    copy.edit(`BEGIN;
      INSERT INTO Contact (Id, LastName, ReportsToId) VALUES ('local:a', 'Hen', 'local:b');
      INSERT INTO Contact (Id, LastName, ReportsToId) VALUES ('local:b', 'Egg', 'local:a');
      COMMIT`)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ rejects: 0, pending: { create: 0, update: 0 } })
    expect(await copy.query('SELECT LastName, ReportsTo.LastName FROM Contact ORDER BY LastName')).toMatchObject([
      { LastName: 'Egg', ReportsTo: { LastName: 'Hen' } },
      { LastName: 'Hen', ReportsTo: { LastName: 'Egg' } },
    ])
  })

  it('wait for a parent that is rejected, with the reason, and go when it is mended', async () => {
    const copy = await openCopy(family)
    copy.edit(`PRAGMA foreign_keys = OFF;
      INSERT INTO Account (Id, Name, ERP_Id__c) VALUES ('local:a', 'Parent', '${'x'.repeat(300)}');
      INSERT INTO Contact (Id, LastName, AccountId) VALUES ('local:c', 'Child', 'local:a');
      INSERT INTO Contact (LastName, AccountId) VALUES ('Orphan', 'local:nowhere');
    `)
    const { status } = await copy.sync()
    const rejects = status.rejects.map(({ object, operation, error }) => [object, operation, error])
    expect(rejects.sort()).toEqual([
      ['Account', 'create', expect.stringMatching(/STRING_TOO_LONG|longer|LOCAL/)],
      [
        'Contact',
        'create',
        expect.stringMatching(/^LOCAL:held back: AccountId refers to local:a, which was not created \(Account: /),
      ],
      ['Contact', 'create', 'LOCAL:held back: AccountId refers to local:nowhere, which no table of this file has'],
    ])
    copy.edit("UPDATE Account SET ERP_Id__c = 'A-1'; DELETE FROM Contact WHERE LastName = 'Orphan'")
    const after = await copy.sync()
    expect(after.status.rejects).toEqual([])
    expect(await copy.query('SELECT LastName, Account.Name FROM Contact')).toMatchObject([
      { LastName: 'Child', Account: { Name: 'Parent' } },
    ])
  })

  it('are deleted children first, and a child that went with its parent is no reject', async () => {
    const copy = await openCopy(family)
    copy.edit(`
      INSERT INTO Account (Id, Name) VALUES ('local:a', 'Parent');
      INSERT INTO Contact (LastName, AccountId) VALUES ('Child', 'local:a');
    `)
    await copy.sync()
    copy.edit('DELETE FROM Account; DELETE FROM Contact')
    const { status } = await copy.sync()
    expect(status.objects).toMatchObject([
      { rows: 0, rejects: 0, conflicts: 0 },
      { rows: 0, rejects: 0, conflicts: 0 },
    ])
    expect(await copy.query('SELECT Id FROM Account')).toEqual([])
  })

  it('a change that refers to a new row goes after it', async () => {
    const copy = await openCopy(family)
    await copy.create('Contact', { LastName: 'Clerk' })
    await copy.sync()
    copy.edit("INSERT INTO Account (Id, Name) VALUES ('local:1', 'New'); UPDATE Contact SET AccountId = 'local:1'")
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ rejects: 0, pending: { update: 0 } })
    expect(await copy.query('SELECT Account.Name FROM Contact')).toMatchObject([{ Account: { Name: 'New' } }])
  })

  it('are references for clients that want them, not in the way of a pull', async () => {
    const copy = await openCopy(family)
    const [account = ''] = await copy.create('Account', { Name: 'Parent' })
    await copy.create('Contact', { LastName: 'Child', AccountId: account })
    await copy.sync({ only: ['Contact'] })
    await copy.sync()
    copy.edit('PRAGMA foreign_keys = ON')
    expect(() => copy.edit("UPDATE Contact SET AccountId = 'nobody'")).toThrow('FOREIGN KEY')
    expect(copy.rows('PRAGMA foreign_key_check')).toEqual([])
    copy.edit('DELETE FROM Account')
    expect(copy.rows('SELECT AccountId FROM Contact')).toEqual([[null]])
  })
})

describe('a reference whose parent comes into the file later', () => {
  it('becomes a foreign key, and what the user has added to the table stays', async () => {
    const copy = await openCopy([{ object: 'Contact', fields: ['LastName', 'AccountId', 'ReportsToId'] }])
    copy.edit(`ALTER TABLE Contact ADD COLUMN note TEXT CHECK (note <> ','); CREATE INDEX own ON Contact (note)`)
    const keys = () => copy.rows(`SELECT "from", "table", on_delete FROM pragma_foreign_key_list('Contact') ORDER BY 1`)
    expect(keys()).toEqual([['ReportsToId', 'Contact', 'SET NULL']])
    const wanted = {
      fields: ['Name', 'ParentId'],
      pattern: 'conflicts',
      externalId: undefined,
      files: undefined,
    } as const
    const described = await copy.org.describe('Account')
    addObjects(copy.file, [chooseFields({ object: 'Account', where: undefined, ...wanted }, described)])
    expect(keys()).toEqual([
      ['AccountId', 'Account', expect.any(String)],
      ['ReportsToId', 'Contact', 'SET NULL'],
    ])
    copy.edit('PRAGMA foreign_keys = ON')
    expect(() => copy.edit("INSERT INTO Contact (LastName, AccountId) VALUES ('Roe', 'nowhere')")).toThrow(
      'FOREIGN KEY',
    )
    copy.edit("INSERT INTO Account (Id, Name) VALUES ('local:1', 'Engine')")
    copy.edit("INSERT INTO Contact (LastName, AccountId, note) VALUES ('Roe', 'local:1', 'mine')")
    await copy.sync()
    expect(copy.rows('SELECT LastName, note, Name FROM Contact JOIN Account ON Account.Id = AccountId')).toEqual([
      ['Roe', 'mine', 'Engine'],
    ])
    expect(copy.rows('PRAGMA integrity_check')).toEqual([['ok']])
    const [account] = copy.file.objects().filter(({ name }) => name === 'Account')
    changeObject(copy.file, account!, { ...account!, where: "Name = 'Engine'" })
    expect(keys()).toEqual([['ReportsToId', 'Contact', 'SET NULL']])
  })
})
