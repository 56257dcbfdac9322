import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCell } from '../../src/sync/field-values.ts'
import { runSync } from '../../src/sync/sync.ts'
import { changeObject } from '../../src/sync/sync-file.ts'
import { type Copy, leads, openCopy } from './open-copy.ts'

describe('edits made with SQL', () => {
  it('are created, changed and deleted rows, by whatever statement', async () => {
    const copy = await openLeads()
    copy.edit(`
      UPDATE Lead SET Title = 'Countess' WHERE LastName = 'Lovelace';
      DELETE FROM Lead WHERE LastName = 'Turing';
      INSERT INTO Lead (LastName, Company) VALUES ('Dijkstra', 'THE'), ('Knuth', 'Stanford');
    `)
    expect(pending(copy)).toEqual(['create Dijkstra', 'create Knuth', 'delete ', 'update Lovelace'])
    expect(copy.rows("SELECT Id FROM Lead WHERE LastName = 'Knuth'")[0]?.[0]).toMatch(/^local:[0-9a-f]{18}$/)
  })

  it('of INSERT OR REPLACE keep the row as it was before', async () => {
    const copy = await openLeads()
    const [id] = copy.rows("SELECT Id FROM Lead WHERE LastName = 'Lovelace'")[0]!
    for (const pragma of ['OFF', 'ON']) {
      copy.edit(`PRAGMA recursive_triggers = ${pragma};
        INSERT OR REPLACE INTO Lead (Id, LastName, Company) VALUES ('${id}', 'King', 'First');
        REPLACE INTO Lead (Id, LastName, Company) VALUES ('${id}', 'King', 'Second');`)
    }
    expect(copy.rows('SELECT LastName, Company FROM sfbulk_edits_Lead')).toEqual([['Lovelace', 'Engine']])
  })

  it('of an upsert, of a delete and insert of the same Id, and of a new Id of NULL are what they come to', async () => {
    const copy = await openLeads()
    const [id] = copy.rows("SELECT Id FROM Lead WHERE LastName = 'Lovelace'")[0]!
    const [other] = copy.rows("SELECT Id FROM Lead WHERE LastName = 'Turing'")[0]!
    copy.edit(`
      INSERT INTO Lead (Id, LastName, Company) VALUES ('${id}', 'x', 'y') ON CONFLICT (Id) DO UPDATE SET Title = 'Lady';
      DELETE FROM Lead WHERE Id = '${other}';
      INSERT INTO Lead (Id, LastName, Company) VALUES ('${other}', 'Turing', 'Princeton');
      INSERT INTO Lead (Id, LastName, Company) VALUES (NULL, 'Hopper', 'Navy');
    `)
    expect(pending(copy)).toEqual(['create Hopper', 'update Lovelace', 'update Turing'])
  })

  it('that come to nothing are forgotten', async () => {
    const copy = await openLeads()
    copy.edit(`
      UPDATE Lead SET Title = 'Lady'; UPDATE Lead SET Title = NULL;
      INSERT INTO Lead (LastName, Company) VALUES ('Nobody', 'Nowhere'); DELETE FROM Lead WHERE LastName = 'Nobody';
    `)
    const { status } = await copy.sync({ pull: false })
    expect(status.objects[0]?.pending).toEqual({ create: 0, update: 0, delete: 0 })
    expect(copy.service.count('POST', /Soap|ingest/)).toBe(0)
  })

  it('are refused where they could not be sent: another Id, a made-up one, a field that the org computes', async () => {
    const copy = await openCopy([{ object: 'Lead', fields: ['LastName', 'Company', 'CreatedDate'] }])
    await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' })
    await copy.sync()
    expect(() => copy.edit("UPDATE Lead SET Id = 'x'")).toThrow('the Id of a Lead cannot be changed')
    expect(() => copy.edit("UPDATE OR IGNORE Lead SET CreatedDate = 'x'")).toThrow('Lead.CreatedDate cannot be changed')
    expect(() => copy.edit("INSERT INTO Lead (Id, LastName, Company) VALUES ('00Q', 'x', 'y')")).toThrow(
      'leave the Id of a new Lead out, or begin it with local:',
    )
    expect(pending(copy)).toEqual([])
  })

  it('are refused in a copy that is only read', async () => {
    const copy = await openCopy([{ ...leads, pattern: 'incremental' }])
    await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' })
    await copy.sync()
    for (const sql of [
      "INSERT INTO Lead (LastName) VALUES ('x')",
      "UPDATE Lead SET LastName = 'x'",
      'DELETE FROM Lead',
    ]) {
      expect(() => copy.edit(sql)).toThrow('Lead is a read-only copy')
    }
  })

  it('of a field that is taken out of the copy are kept aside', async () => {
    const copy = await openLeads()
    copy.edit("UPDATE Lead SET Title = 'Countess', FirstName = 'Ada' WHERE LastName = 'Lovelace'")
    const [object] = copy.file.objects()
    changeObject(copy.file, object!, { ...object!, fields: object!.fields.filter(({ name }) => name !== 'Title') })
    expect(copy.rows("SELECT reason, fields ->> '$[0].local' FROM sfbulk_superseded")).toEqual([
      ['the field was taken out of the copy', 'Countess'],
    ])
    await copy.sync()
    expect(await copy.query("SELECT FirstName, Title FROM Lead WHERE LastName = 'Lovelace'")).toEqual([
      { FirstName: 'Ada', Title: null },
    ])
  })

  it('share a column that takes no null with records that the org holds without a value, after a change of the fields, too', async () => {
    const copy = await openLeads()
    const [object] = copy.file.objects()
    // The org has told since that a lead needs no company.
    const fields = object!.fields.map((field) => (field.name === 'Company' ? { ...field, required: false } : field))
    changeObject(copy.file, object!, { ...object!, fields })
    const kept = copy.file.objects()[0]!
    const company = kept.fields.find(({ name }) => name === 'Company')!
    copy.edit(`UPDATE Lead SET Company = ${JSON.stringify(readCell(company, '')).replaceAll('"', "'")}`)
    expect(copy.rows('SELECT DISTINCT Company FROM Lead')).toEqual([['']])
  })

  it('are whole beside triggers of the user that change the row once more', async () => {
    const copy = await openLeads()
    copy.edit(`ALTER TABLE Lead ADD COLUMN edited INTEGER DEFAULT 0;
      CREATE TRIGGER counts AFTER UPDATE OF Title ON Lead BEGIN
        UPDATE Lead SET edited = edited + 1, FirstName = upper(NEW.Title) WHERE Id = NEW.Id; END;
      CREATE TRIGGER fills AFTER INSERT ON Lead BEGIN UPDATE Lead SET FirstName = 'new' WHERE Id = NEW.Id; END;
      CREATE TRIGGER says BEFORE DELETE ON Lead BEGIN UPDATE Lead SET Title = 'gone' WHERE Id = OLD.Id; END;
      UPDATE Lead SET Title = 'Countess' WHERE LastName = 'Lovelace';
      INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy');
      DELETE FROM Lead WHERE LastName = 'Turing'`)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, rejects: 0, pending: { create: 0, update: 0, delete: 0 } })
    expect(await copy.query('SELECT LastName, FirstName, Title FROM Lead ORDER BY LastName')).toEqual([
      { LastName: 'Hopper', FirstName: 'new', Title: null },
      { LastName: 'Lovelace', FirstName: 'COUNTESS', Title: 'Countess' },
    ])
  })

  it('of new rows without a value are sent, too', async () => {
    const copy = await openCopy([{ object: 'Invoice__c', fields: ['Notes__c', 'Paid__c'] }])
    copy.edit('INSERT INTO Invoice__c DEFAULT VALUES; INSERT INTO Invoice__c (Notes__c) VALUES (NULL)')
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ rows: 2, rejects: 0, pending: { create: 0 } })
    expect(await copy.query('SELECT Id FROM Invoice__c')).toHaveLength(2)
  })

  it.each([1, 30])('that are taken back while %i of them are on their way are none', async (count) => {
    const copy = await openCopy()
    const named = Array.from({ length: count }, (_, index) => ({ LastName: `Row ${index}`, Company: 'Engine' }))
    await copy.create('Lead', ...named)
    await copy.sync()
    copy.edit("UPDATE Lead SET Title = 'edited'")
    const report: Copy['tools']['report'] = (event) => {
      if (event.type === 'step' && event.step === 'push') copy.edit('UPDATE Lead SET Title = NULL')
    }
    const { error, pushed } = await runSync({ ...copy.tools, report }, { pull: true, push: true })
    expect(error).toBeUndefined()
    expect(pushed.get('Lead')).toMatchObject({ update: 0 })
    expect((await copy.sync()).status.objects[0]).toMatchObject({ pending: { update: 0 } })
  })

  it('that wait are not given up for a pattern that sends none', async () => {
    const copy = await openLeads()
    const [object] = copy.file.objects()
    const change = () => changeObject(copy.file, object!, { ...object!, pattern: 'incremental' })
    copy.edit("UPDATE Lead SET Title = 'Countess' WHERE LastName = 'Lovelace'")
    expect(change).toThrow('Lead: 1 edit waits to be sent, and --pattern incremental sends none')
    await copy.sync()
    change()
  })

  it('keep a view of the user that names a column which is to go', async () => {
    const copy = await openLeads()
    const [object] = copy.file.objects()
    copy.edit('CREATE VIEW titles AS SELECT Title FROM Lead')
    const fields = object!.fields.filter(({ name }) => name !== 'Title')
    expect(() => changeObject(copy.file, object!, { ...object!, fields })).toThrow(
      'a view, trigger or index of your own is in the way (error in view titles',
    )
    expect(copy.rows('SELECT count(*) FROM titles')).toEqual([[2]])
  })

  it('of a checkbox are true as SQL has it, and refused by the org where they are neither true nor false', async () => {
    const copy = await openCopy([{ object: 'Invoice__c', fields: ['Name', 'Paid__c', 'Amount__c'] }])
    await copy.create('Invoice__c', { Name: 'A', Paid__c: false }, { Name: 'B', Paid__c: true, Amount__c: 5 })
    await copy.sync()
    copy.edit(`UPDATE Invoice__c SET Paid__c = 2 WHERE Name = 'A';
      UPDATE Invoice__c SET Paid__c = 'yes', Amount__c = 9e999 WHERE Name = 'B'`)
    expect((await copy.sync()).status.rejects).toMatchObject([
      { error: expect.stringMatching(/INVALID_TYPE|JSON_PARSER/) },
    ])
    expect(await copy.query('SELECT Paid__c, Amount__c FROM Invoice__c ORDER BY Name')).toEqual([
      { Paid__c: true, Amount__c: null },
      { Paid__c: true, Amount__c: 5 },
    ])
  })

  it('of a field that cannot be changed any more are kept aside', async () => {
    const copy = await openLeads()
    const [object] = copy.file.objects()
    copy.edit("UPDATE Lead SET Title = 'Countess' WHERE LastName = 'Lovelace'")
    const fields = object!.fields.map((field) => (field.name === 'Title' ? { ...field, updateable: false } : field))
    changeObject(copy.file, object!, { ...object!, fields })
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ superseded: 1, pending: { update: 0 } })
    expect(copy.rows("SELECT reason, fields ->> '$[0].local' FROM sfbulk_superseded")).toEqual([
      ['the field cannot be changed any more', 'Countess'],
    ])
    expect(copy.rows("SELECT Title FROM Lead WHERE LastName = 'Lovelace'")).toEqual([[null]])
  })

  it('in any order leave each row as it was before the first of them', async () => {
    const copy = await openLeads()
    const before = new Map(
      copy.rows('SELECT Id, FirstName, LastName, Title, Company FROM Lead').map(([id, ...row]) => [id, row]),
    )
    const ids = [...before.keys()].map((id) => `'${id}'`)
    const statement = fc.oneof(
      fc
        .tuple(fc.constantFrom(...ids), fc.constantFrom('a', 'b'))
        .map(([id, text]) => `UPDATE Lead SET Title = '${text}' WHERE Id = ${id}`),
      fc.constantFrom(...ids).map((id) => `DELETE FROM Lead WHERE Id = ${id}`),
      fc
        .constantFrom(...ids)
        .map((id) => `INSERT OR REPLACE INTO Lead (Id, LastName, Company) VALUES (${id}, 'x', 'y')`),
      fc
        .constantFrom(...ids)
        .map((id) => `INSERT OR IGNORE INTO Lead (Id, LastName, Company) VALUES (${id}, 'x', 'y')`),
      fc.constantFrom(...ids).map((id) => `UPDATE OR REPLACE Lead SET Company = 'z' WHERE Id >= ${id}`),
      fc.constant("INSERT INTO Lead (LastName, Company) VALUES ('new', 'new')"),
      fc.constant("DELETE FROM Lead WHERE LastName = 'new'"),
      fc.constantFrom('ON', 'OFF').map((value) => `PRAGMA recursive_triggers = ${value}`),
      fc.constantFrom('ON', 'OFF').map((value) => `PRAGMA foreign_keys = ${value}`),
    )
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 12 }), (statements) => {
        copy.edit('SAVEPOINT try')
        try {
          for (const sql of statements) copy.edit(sql)
          const noted = new Map(
            copy
              .rows('SELECT _id, FirstName, LastName, Title, Company FROM sfbulk_edits_Lead WHERE _existed')
              .map(([id, ...row]) => [id, row]),
          )
          const now = new Map(
            copy.rows('SELECT Id, FirstName, LastName, Title, Company FROM Lead').map(([id, ...row]) => [id, row]),
          )
          for (const [id, row] of before) {
            if (noted.has(id)) expect(noted.get(id)).toEqual(row)
            else expect(now.get(id)).toEqual(row)
          }
        } finally {
          copy.edit('ROLLBACK TO try; RELEASE try')
        }
      }),
    )
  })
})

async function openLeads(): Promise<Copy> {
  const copy = await openCopy()
  await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' }, { LastName: 'Turing', Company: 'Bletchley' })
  await copy.sync()
  return copy
}

function pending(copy: Copy): string[] {
  return copy
    .rows('SELECT operation, LastName FROM sfbulk_pending LEFT JOIN Lead ON Lead.Id = sfbulk_pending.id ORDER BY 1, 2')
    .map(([operation, name]) => `${operation} ${name ?? ''}`)
}
