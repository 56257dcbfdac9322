import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/sqlite/database.ts'
import { pullObject } from '../../src/sync/pull.ts'
import { leads, openCopy } from './open-copy.ts'

describe('a pull', () => {
  it.each([
    'read-only',
    'incremental',
    'last-write-wins',
    'conflicts',
  ] as const)('by the pattern %s brings what was made, changed and deleted in the org', async (pattern) => {
    const copy = await openCopy([{ ...leads, pattern }])
    const [ada = '', alan = ''] = await copy.create('Lead', lead('Lovelace'), lead('Turing'))
    await copy.sync({ push: false })
    await copy.change('Lead', ada, { Title: 'Countess' })
    await copy.remove('Lead', alan)
    await copy.create('Lead', lead('Hopper'))
    const { pulled } = await copy.sync({ push: false })
    expect(copy.rows('SELECT LastName, Title FROM Lead ORDER BY 1')).toEqual([
      ['Hopper', null],
      ['Lovelace', 'Countess'],
    ])
    expect(pulled.get('Lead')).toMatchObject({ written: 2, removed: 1, whole: pattern === 'read-only' })
  })

  it('asks for what has changed, and for no more', async () => {
    const copy = await openCopy([{ ...leads, pattern: 'incremental' }])
    await copy.create('Lead', lead('Lovelace'), lead('Turing'))
    await copy.sync()
    inOrg(copy.service.data, "UPDATE Lead SET SystemModstamp = '2020-01-01T00:00:00.000Z'")
    const [ada = ''] = await copy.create('Lead', lead('Hopper'))
    await copy.change('Lead', ada, { Title: 'Admiral' })
    const before = copy.service.countedCalls()
    const { pulled } = await copy.sync()
    expect(pulled.get('Lead')).toMatchObject({ received: 1, written: 1, removed: 0, whole: false })
    expect(copy.service.countedCalls() - before).toBe(1)
  })

  it('overlooks no change behind a record whose time is still to come', async () => {
    const copy = await openCopy([{ ...leads, pattern: 'incremental' }])
    const [, alan = ''] = await copy.create('Lead', lead('Lovelace'), lead('Turing'))
    await copy.sync()
    inOrg(copy.service.data, "UPDATE Lead SET SystemModstamp = '2099-01-01T00:00:00.000Z' WHERE LastName = 'Lovelace'")
    await copy.sync()
    await copy.change('Lead', alan, { Title: 'Reader' })
    await copy.sync()
    expect(copy.rows("SELECT Title FROM Lead WHERE LastName = 'Turing'")).toEqual([['Reader']])
  })

  it('keeps numbers of 16 digits to the last one', async () => {
    const copy = await openCopy([{ object: 'Lead', fields: ['LastName', 'Latitude'] }])
    const latitudes = [29.66669834028996, 63.2097918392375, 77.6958327297097, -0.00000123]
    await copy.create('Lead', ...latitudes.map((Latitude, index) => ({ ...lead(`${index}`), Latitude })))
    await copy.sync({ push: false })
    expect(copy.rows('SELECT Latitude FROM Lead ORDER BY LastName')).toEqual(latitudes.map((each) => [each]))
  })

  it('of many rows leaves triggers and indexes as they were, those of the user, too', async () => {
    const copy = await openCopy()
    await copy.create('Lead', lead('Lovelace'))
    inOrg(
      copy.service.data,
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
       INSERT INTO Lead (Id, LastName, Company, SystemModstamp)
       SELECT '00QLc' || printf('%010d', 1000 + i) || 'AAA', 'Row ' || i, 'Engine', SystemModstamp FROM Lead, n`,
    )
    copy.edit('CREATE INDEX own ON Lead (Company); CREATE TABLE told (name); ')
    copy.edit('CREATE TRIGGER teller AFTER INSERT ON Lead BEGIN INSERT INTO told VALUES (NEW.LastName); END')
    const made = () => copy.rows('SELECT type, name, sql FROM sqlite_master ORDER BY name')
    const before = made()
    const { pulled } = await copy.sync()
    expect(pulled.get('Lead')).toMatchObject({ written: 1501, received: 1501 })
    expect(made()).toEqual(before)
    expect(copy.rows('SELECT count(*) FROM told')).toEqual([[1501]])
    copy.edit("UPDATE Lead SET Title = 'Reader' WHERE LastName < 'Row 2'")
    expect(copy.rows('SELECT operation, count(*) FROM sfbulk_pending')).toEqual([['update', 613]])
  })

  it('counts both sides when it is time, and reads all Ids where the numbers differ', async () => {
    const copy = await openCopy([{ ...leads, where: "Company = 'Engine'" }])
    const [ada = '', alan = ''] = await copy.create('Lead', lead('Lovelace'), lead('Turing'), lead('Hopper'))
    await copy.sync()
    // One leaves the condition; one is taken out of the table behind the triggers' back.
    await copy.change('Lead', ada, { Company: 'Elsewhere' })
    copy.file.apply(() => copy.file.sql('DELETE FROM Lead WHERE Id = ?').run([alan]))
    inOrg(copy.service.data, "UPDATE Lead SET SystemModstamp = '2020-01-01T00:00:00.000Z'")
    await copy.sync()
    expect(copy.rows('SELECT LastName FROM Lead ORDER BY 1')).toEqual([['Hopper'], ['Lovelace']])
    const { pulled } = await copy.sync({ sweep: true })
    expect(copy.rows('SELECT LastName FROM Lead ORDER BY 1')).toEqual([['Hopper'], ['Turing']])
    expect(pulled.get('Lead')).toMatchObject({ written: 1, removed: 1 })
  })

  it('finds with a sweep what was deleted for good, and what was edited here meanwhile stays', async () => {
    const copy = await openCopy()
    const [ada = ''] = await copy.create('Lead', lead('Lovelace'), lead('Turing'))
    await copy.sync()
    inOrg(copy.service.data, `DELETE FROM Lead WHERE Id = '${ada}'`)
    copy.edit("INSERT INTO Lead (LastName, Company) VALUES ('Knuth', 'Stanford')")
    await copy.sync({ push: false, sweep: true })
    expect(copy.rows('SELECT LastName FROM Lead ORDER BY 1')).toEqual([['Knuth'], ['Turing']])
  })

  it('that breaks off leaves table and mark as they were', async () => {
    const copy = await openCopy()
    await copy.create('Lead', lead('Lovelace'))
    await copy.sync()
    await copy.create('Lead', lead('Turing'))
    const before = copy.rows('SELECT mark, pulled_at FROM sfbulk_objects')
    const aborted = new AbortController()
    const tools = { ...copy.tools, signal: aborted.signal }
    const report = () => aborted.abort(new Error('stopped'))
    await expect(pullObject({ ...tools, report }, copy.file.objects()[0]!)).rejects.toThrow()
    expect(copy.rows('SELECT mark, pulled_at FROM sfbulk_objects')).toEqual(before)
    expect(copy.rows('SELECT LastName FROM Lead')).toEqual([['Lovelace']])
  })

  it('keeps every kind of value as the org has it, and sends an edited one so that the org takes it', async () => {
    const fields = [
      'Name',
      'Paid__c',
      'Issued_On__c',
      'Paid_At__c',
      'Amount__c',
      'Quantity__c',
      'Notes__c',
      'Account__c',
    ]
    const copy = await openCopy([{ object: 'Invoice__c', fields }])
    await copy.create(
      'Invoice__c',
      { Name: 'A', Paid__c: true, Issued_On__c: '2026-03-01', Amount__c: 12.5 },
      { Name: 'B' },
    )
    await copy.sync()
    expect(copy.rows('SELECT Name, Paid__c, Issued_On__c, Amount__c, Quantity__c FROM Invoice__c ORDER BY 1')).toEqual([
      ['A', 1, '2026-03-01', 12.5, null],
      ['B', 0, null, null, null],
    ])
    copy.edit(`UPDATE Invoice__c SET Paid_At__c = '2026-03-01 10:00:00', Quantity__c = 3, Paid__c = 0, Amount__c = NULL,
      Notes__c = 'two' || char(10) || 'lines' WHERE Name = 'A'`)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ rejects: 0, pending: { update: 0 } })
    expect(
      copy.rows("SELECT Paid__c, Paid_At__c, Amount__c, Quantity__c, Notes__c FROM Invoice__c WHERE Name = 'A'"),
    ).toEqual([[0, '2026-03-01T10:00:00.000Z', null, 3, 'two\nlines']])
  })

  it('refuses a file whose object has changed in the org, before anything is read or written', async () => {
    const copy = await openCopy()
    await copy.create('Lead', lead('Lovelace'))
    const gone = { name: 'Rating__c', type: 'picklist', required: false, createable: true, updateable: true }
    const [object] = copy.file.objects()
    const field = { ...gone, referenceTo: [], onDelete: undefined, indexed: false }
    const fields = [...object!.fields, field]
    copy.file.sql('UPDATE sfbulk_objects SET definition = ?').run([JSON.stringify({ ...object, fields })])
    await expect(copy.sync()).rejects.toMatchObject({
      code: 'SCHEMA_CHANGED',
      message:
        'the org has changed, nothing was read or written: Lead.Rating__c is gone from the org, or this user may not see it',
      hint: expect.stringContaining('--fields FirstName,LastName,Title,Company'),
    })
    expect(copy.rows('SELECT count(*) FROM Lead')).toEqual([[0]])
  })
})

/** What no API of the org does. */
function inOrg(data: string, sql: string): void {
  const storage = openDatabase(data)
  storage.exec(sql)
  storage.close()
}

function lead(name: string) {
  return { LastName: name, Company: 'Engine' }
}
