import { describe, expect, it } from 'vitest'
import { runSync } from '../../src/sync/sync.ts'
import type { Pattern } from '../../src/sync/sync-object.ts'
import { type Copy, killAt, leads, openCopy } from './open-copy.ts'

describe('a sync that is broken off', () => {
  it.each([
    'before',
    'after',
  ] as const)('at any call, %s it is answered, ends where an undisturbed one would', async (when) => {
    for (let nth = 1; ; nth++) {
      const copy = await openLead()
      copy.edit(`INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy'), ('Hopper', 'Navy');
        UPDATE Lead SET Title = 'Countess' WHERE LastName = 'Lovelace'; DELETE FROM Lead WHERE LastName = 'Turing'`)
      const next = await killAt(copy, nth, when)
      if (next === undefined) {
        expect(nth).toBeGreaterThan(5)
        break
      }
      const { status } = await next.sync()
      expect(status.objects[0]).toMatchObject({
        rejects: 0,
        conflicts: 0,
        pending: { create: 0, update: 0, delete: 0 },
      })
      await expectAlike(next, [
        ['Hopper', null],
        ['Hopper', null],
        ['Lovelace', 'Countess'],
      ])
      expect(next.service.count('POST', /Soap/)).toBe(2)
      expect(next.service.count('PATCH', /Lead/)).toBe(1)
    }
  })

  it('by last write wins, too, sends nothing that has arrived once more', async () => {
    for (const nth of [1, 2, 3]) {
      const copy = await openLead('last-write-wins')
      copy.edit(`INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy');
        UPDATE Lead SET Title = 'Countess' WHERE LastName = 'Lovelace'; DELETE FROM Lead WHERE LastName = 'Turing'`)
      const next = await killAt(copy, nth, 'after')
      await next!.sync()
      await expectAlike(next!, [
        ['Hopper', null],
        ['Lovelace', 'Countess'],
      ])
      expect(copy.service.count('POST', /Soap/)).toBe(3)
    }
  })

  it.each([
    'conflicts',
    'last-write-wins',
  ] as const)('by the pattern %s loses no edit that is made between the look and the write', async (pattern) => {
    const copy = await openLead(pattern)
    copy.edit("UPDATE Lead SET Title = 'edited'")
    let edited = false
    const report: Copy['tools']['report'] = (event) => {
      if (event.type !== 'step' || event.step !== 'push' || edited) return
      edited = true
      copy.edit(
        "UPDATE Lead SET Title = 'later' WHERE LastName = 'Lovelace'; DELETE FROM Lead WHERE LastName = 'Turing'",
      )
    }
    await runSync({ ...copy.tools, report }, { pull: true, push: true })
    await copy.sync()
    await expectAlike(copy, [['Lovelace', 'later']])
  })

  it('keeps what was edited while it ran for the next one', async () => {
    const copy = await openLead()
    copy.edit(`INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy'), ('Nobody', 'Nowhere');
      UPDATE Lead SET Title = 'Lady' WHERE LastName = 'Lovelace'`)
    let edited = false
    const report: Copy['tools']['report'] = (event) => {
      if (event.type !== 'job-started' || edited) return
      edited = true
      copy.edit(
        "UPDATE Lead SET Title = 'Admiral' WHERE LastName = 'Hopper'; DELETE FROM Lead WHERE LastName = 'Nobody'",
      )
    }
    const { status } = await runSync({ ...copy.tools, report }, { pull: false, push: true })
    expect(status.objects[0]?.pending).toEqual({ create: 0, update: 0, delete: 0 })
    await copy.sync()
    await expectAlike(copy, [
      ['Hopper', 'Admiral'],
      ['Lovelace', 'Lady'],
      ['Turing', null],
    ])
  })

  it('is sure of new rows by their external ID, whatever the answers said', async () => {
    const copy = await openCopy([{ ...leads, externalId: 'ERP_Id__c' }])
    copy.edit("INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy'), ('Hopper', 'Navy')")
    const next = await killAt(copy, 1, 'after')
    const { status } = await next!.sync()
    expect(status.objects[0]).toMatchObject({ rows: 2, rejects: 0, pending: { create: 0 } })
    expect(await copy.query('SELECT LastName FROM Lead')).toHaveLength(2)
  })

  it('by an answer that is lost settles it in the same way', async () => {
    const copy = await openLead()
    copy.edit("INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy')")
    copy.service.faults.add([{ method: 'POST', path: '/Soap/', drop: 'after' }])
    const { error, pushed } = await copy.sync()
    expect(error).toMatchObject({ exit: 'failed' })
    expect(pushed.get('Lead')).toMatchObject({ create: 0, unknown: 1 })
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ rejects: 0, pending: { create: 0 } })
    await expectAlike(copy, [
      ['Hopper', null],
      ['Lovelace', null],
      ['Turing', null],
    ])
  })

  it('finds new rows by the clock of the org, however far ahead that of this machine is', async () => {
    const copy = await openCopy()
    copy.edit("INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy')")
    copy.service.faults.add([{ method: 'POST', path: '/Soap/', drop: 'after' }])
    await copy.sync()
    const ahead = 10 * 24 * 3_600_000
    copy.edit("UPDATE sfbulk_pushes SET began_at = strftime('%Y-%m-%dT%H:%M:%fZ', began_at, '+10 days')")
    const clock = { ...copy.tools.clock, now: () => Date.now() + ahead }
    await runSync({ ...copy.tools, clock }, { pull: true, push: true })
    expect(await copy.query('SELECT LastName FROM Lead')).toHaveLength(1)
  })

  it('finds new rows and changes that the org keeps in a spelling of its own', async () => {
    const fields = ['Notes__c', 'Paid_At__c', 'Pickup_Time__c', 'Amount__c', 'Billing_Email__c']
    const copy = await openCopy([{ object: 'Invoice__c', fields }])
    const values = `'a' || char(13, 10) || 'b ', '2026-03-01T10:00:00.123Z', '10:20:00', 12.345678, 'Ada@Example.com'`
    copy.edit(`INSERT INTO Invoice__c (${fields.join(', ')}) VALUES (${values})`)
    copy.service.faults.add([{ method: 'POST', path: '/Soap/', drop: 'after' }])
    expect((await copy.sync()).pushed.get('Invoice__c')).toMatchObject({ unknown: 1 })
    await copy.sync()
    expect(await copy.query('SELECT Id FROM Invoice__c')).toHaveLength(1)
    copy.edit(`UPDATE Invoice__c SET (${fields.join(', ')}) =
      ('c' || char(13), '2026-04-01T10:00:00.999Z', '11:20:00', 2.345678, 'Grace@Example.com')`)
    copy.service.faults.add([{ method: 'PATCH', path: '/Invoice__c/', drop: 'after' }])
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ rows: 1, conflicts: 0, pending: { create: 0, update: 0 } })
    expect(copy.rows(`SELECT ${fields.slice(0, 4).join(', ')} FROM Invoice__c`)).toEqual([
      ['c', '2026-04-01T10:00:00.000Z', '11:20:00.000Z', 2.35],
    ])
  })
})

async function openLead(pattern: Pattern = 'conflicts'): Promise<Copy> {
  const copy = await openCopy([{ ...leads, pattern }])
  await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' }, { LastName: 'Turing', Company: 'Bletchley' })
  await copy.sync()
  return copy
}

async function expectAlike(copy: Copy, rows: readonly (readonly (string | null)[])[]): Promise<void> {
  const found = await copy.query('SELECT LastName, Title FROM Lead ORDER BY LastName')
  expect(found.map(({ LastName, Title }) => [LastName, Title])).toEqual(rows)
  expect(copy.rows('SELECT LastName, Title FROM Lead ORDER BY LastName')).toEqual(rows)
}
