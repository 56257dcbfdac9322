import { describe, expect, it } from 'vitest'
import { listConflicts } from '../../src/sync/conflicts.ts'
import { resolveConflicts } from '../../src/sync/resolve.ts'
import { type Copy, leads, openCopy } from './open-copy.ts'

describe('a record that was changed here and in the org', () => {
  it('is merged where the fields differ', async () => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.change('Lead', id, { Company: 'Royal Society' })
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, pending: { update: 0 } })
    await expectBoth(copy, { LastName: 'Lovelace', Title: 'Countess', Company: 'Royal Society' })
  })

  it('is a conflict where both changed the same field, and the other rows go on', async () => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess'; INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy')")
    await copy.change('Lead', id, { Title: 'Lady' })
    const { status, pushed } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 1, pending: { update: 1, create: 0 } })
    expect(pushed.get('Lead')).toMatchObject({ create: 1, update: 0 })
    expect(listConflicts(copy.file)).toMatchObject([
      {
        object: 'Lead',
        id,
        field: 'Title',
        kind: 'changed-changed',
        base: 'Enchantress',
        local: 'Countess',
        remote: 'Lady',
      },
    ])
    expect(await copy.query("SELECT Title FROM Lead WHERE LastName = 'Lovelace'")).toEqual([{ Title: 'Lady' }])
  })

  it('with --strict keeps everything back', async () => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess'; INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy')")
    await copy.change('Lead', id, { Title: 'Lady' })
    const { status } = await copy.sync({ strict: true })
    expect(status.objects[0]?.pending).toEqual({ create: 1, update: 1, delete: 0 })
    expect(await copy.query('SELECT Id FROM Lead')).toHaveLength(1)
  })

  it.each([
    ['ours', 'Countess'],
    ['theirs', 'Lady'],
  ] as const)('is resolved by --%s', async (side, title) => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess', FirstName = 'Ada'")
    await copy.change('Lead', id, { Title: 'Lady' })
    await copy.sync()
    expect(resolveConflicts(copy.file, () => side)).toBe(1)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, pending: { create: 0, update: 0, delete: 0 } })
    await expectBoth(copy, { FirstName: 'Ada', LastName: 'Lovelace', Title: title })
  })

  it.each([
    ['ours', []],
    ['theirs', [['Lovelace', 'Lady']]],
  ] as const)('and deleted here since is decided as a whole by --%s', async (side, left) => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.change('Lead', id, { Title: 'Lady' })
    await copy.sync()
    copy.edit('DELETE FROM Lead')
    expect(resolveConflicts(copy.file, () => side)).toBe(1)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, pending: { create: 0, update: 0, delete: 0 } })
    expect(copy.rows('SELECT LastName, Title FROM Lead')).toEqual(left)
    expect(await copy.query('SELECT Id FROM Lead')).toHaveLength(left.length)
  })

  it.each(['ours', 'theirs'] as const)('deleted there, and here since, is gone by --%s', async (side) => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.remove('Lead', id)
    await copy.sync()
    copy.edit('DELETE FROM Lead')
    expect(resolveConflicts(copy.file, () => side)).toBe(1)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, pending: { create: 0, update: 0, delete: 0 } })
    expect(copy.rows('SELECT Id FROM Lead')).toEqual([])
  })

  it('is resolved by --newest: the later of the two stands', async () => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.change('Lead', id, { Title: 'Lady' })
    await copy.sync()
    copy.file.sql("UPDATE sfbulk_conflicts SET local_at = '2020-01-01T00:00:00.000Z'").run([])
    expect(resolveConflicts(copy.file, () => 'newest')).toBe(1)
    await copy.sync()
    await expectBoth(copy, { Title: 'Lady' })
  })

  it('is the same on both sides when it was changed to the same', async () => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = ' Countess '")
    await copy.change('Lead', id, { Title: 'Countess' })
    const { status, pushed } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, pending: { update: 0 } })
    expect(pushed.get('Lead')).toMatchObject({ update: 0 })
  })
})

describe('where the org does not know the call that reads records by Id', () => {
  it('a conflict is found by a query', async () => {
    const { copy, id } = await openLead()
    copy.service.faults.add([{ path: '/composite/', status: 404, body: [{ errorCode: 'NOT_FOUND', message: 'no' }] }])
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.change('Lead', id, { Title: 'Lady' })
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 1 })
  })
})

describe('a record that one side has deleted and the other has changed', () => {
  it.each(['ours', 'theirs'] as const)('is a conflict when it was changed here; --%s', async (side) => {
    const { copy, id } = await openLead()
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.remove('Lead', id)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 1 })
    expect(listConflicts(copy.file)).toMatchObject([
      { field: 'Title', kind: 'changed-deleted', base: 'Enchantress', local: 'Countess', remote: null },
    ])
    resolveConflicts(copy.file, () => side)
    await copy.sync()
    const found = await copy.query('SELECT LastName, Title FROM Lead')
    expect(found).toEqual(side === 'ours' ? [{ LastName: 'Lovelace', Title: 'Countess' }] : [])
    expect(copy.rows('SELECT LastName, Title FROM Lead')).toEqual(found.map((row) => Object.values(row)))
  })

  it.each(['ours', 'theirs'] as const)('is a conflict when it was deleted here; --%s', async (side) => {
    const { copy, id } = await openLead()
    copy.edit('DELETE FROM Lead')
    await copy.change('Lead', id, { Title: 'Lady' })
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 1, pending: { delete: 1 } })
    expect(listConflicts(copy.file)).toMatchObject([
      { field: 'Title', kind: 'deleted-changed', base: 'Enchantress', local: null, remote: 'Lady' },
    ])
    resolveConflicts(copy.file, () => side)
    await copy.sync()
    const found = await copy.query('SELECT LastName, Title FROM Lead')
    expect(found).toEqual(side === 'ours' ? [] : [{ LastName: 'Lovelace', Title: 'Lady' }])
    expect(copy.rows('SELECT LastName, Title FROM Lead')).toEqual(found.map((row) => Object.values(row)))
  })

  it('deleted here and left to the org, stands as the org has it, fields that it computes, too', async () => {
    const copy = await openCopy([{ ...leads, fields: ['LastName', 'Company', 'Title', 'LastModifiedDate'] }])
    const [id = ''] = await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' })
    await copy.sync()
    copy.edit("UPDATE sfbulk_state SET applying = 1; UPDATE Lead SET LastModifiedDate = '2020-01-01T00:00:00.000Z'")
    copy.edit('UPDATE sfbulk_state SET applying = 0; DELETE FROM Lead')
    await copy.change('Lead', id, { Title: 'Lady' })
    await copy.sync()
    resolveConflicts(copy.file, () => 'theirs')
    expect(copy.rows("SELECT Title, LastModifiedDate > '2021' FROM Lead")).toEqual([['Lady', 1]])
  })

  it('is settled when both have deleted it', async () => {
    const { copy, id } = await openLead()
    copy.edit('DELETE FROM Lead')
    await copy.remove('Lead', id)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, rejects: 0, pending: { delete: 0 } })
  })
})

describe('by last write wins', () => {
  it('what was edited here stands, field by field', async () => {
    const { copy, id } = await openLead('last-write-wins')
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.change('Lead', id, { Title: 'Lady', Company: 'Royal Society' })
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ conflicts: 0, pending: { update: 0 } })
    await expectBoth(copy, { Title: 'Countess', Company: 'Royal Society' })
  })

  it('a record that the org has deleted stays deleted, and the edit is kept aside', async () => {
    const { copy, id } = await openLead('last-write-wins')
    copy.edit("UPDATE Lead SET Title = 'Countess'")
    await copy.remove('Lead', id)
    const { status } = await copy.sync()
    expect(status.objects[0]).toMatchObject({ rows: 0, rejects: 0, superseded: 1, pending: { update: 0 } })
    expect(copy.rows("SELECT id, fields ->> '$[0].local' FROM sfbulk_superseded")).toEqual([[id, 'Countess']])
  })
})

async function openLead(pattern: 'conflicts' | 'last-write-wins' = 'conflicts') {
  const copy = await openCopy([{ ...leads, pattern }])
  const [id = ''] = await copy.create('Lead', { LastName: 'Lovelace', Title: 'Enchantress', Company: 'Engine' })
  await copy.sync()
  return { copy, id }
}

async function expectBoth(copy: Copy, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const names = Object.keys(fields).join(', ')
  expect(await copy.query(`SELECT ${names} FROM Lead`)).toEqual([fields])
  expect(copy.rows(`SELECT ${names} FROM Lead`)).toEqual([Object.values(fields)])
}
