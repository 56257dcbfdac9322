import { expect, it } from 'vitest'
import { openDatabase } from '../../src/sqlite/database.ts'
import { runSync } from '../../src/sync/sync.ts'
import { leads, openCopy } from './open-copy.ts'

it('a sync of which nothing came costs one call an object, and one more once a day', async () => {
  const copy = await openCopy([leads, { object: 'Account', fields: ['Name'] }])
  await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' })
  await copy.create('Account', { Name: 'Engine' })
  await copy.sync()
  const counted = async () => {
    const before = copy.service.countedCalls()
    await copy.sync()
    return copy.service.countedCalls() - before
  }
  expect(await counted()).toBe(2)
  copy.edit("UPDATE sfbulk_objects SET swept_at = '2020-01-01T00:00:00.000Z'")
  expect(await counted()).toBe(4)
  expect(await counted()).toBe(2)
})

it('150 edits cost a look, one SOAP call and one query', async () => {
  const copy = await openCopy()
  await fill(copy, 150)
  copy.edit("UPDATE Lead SET Title = 'edited'")
  const before = copy.service.requests.length
  const { pushed } = await copy.sync()
  expect(pushed.get('Lead')).toMatchObject({ update: 150, rejected: 0 })
  expect(copy.service.requests.slice(before).map(({ method, path }) => `${method} ${path.split(/[?]/)[0]}`)).toEqual([
    'POST /services/data/v66.0/composite/sobjects/Lead',
    'POST /services/Soap/u/66.0',
    'GET /services/data/v66.0/queryAll',
  ])
})

/** Changes records in the org between the look and the write, a while after the change that the look saw. */
function changeAfterLook(copy: Awaited<ReturnType<typeof openCopy>>, assignments: string, where: string) {
  let changed = false
  const later = `${new Date(Date.now() + 60_000).toISOString().slice(0, 19)}.000Z`
  const report: typeof copy.tools.report = (event) => {
    if (event.type !== 'step' || event.step !== 'push' || changed) return
    changed = true
    const storage = openDatabase(copy.service.data)
    storage.exec(
      `UPDATE Lead SET ${assignments}, LastModifiedDate = '${later}', SystemModstamp = '${later}' WHERE ${where}`,
    )
    storage.close()
  }
  return runSync({ ...copy.tools, report }, { pull: false, push: true })
}

it('a change that goes alone is made only where nobody changed the record after the look', async () => {
  const copy = await openCopy()
  const [id = ''] = await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' })
  await copy.sync()
  copy.edit("UPDATE Lead SET Title = 'Countess'")
  const { status } = await changeAfterLook(copy, "Title = 'Lady'", 'TRUE')
  expect(status.objects[0]).toMatchObject({ conflicts: 1, pending: { update: 1 } })
  expect(await copy.query('SELECT Title FROM Lead')).toEqual([{ Title: 'Lady' }])
  expect(copy.service.requests.filter(({ status: code }) => code === 412)).toHaveLength(1)
  expect(copy.service.count('PATCH', new RegExp(id))).toBe(1)
})

it('a few changes go in one call, each under that condition, and what was changed otherwise meanwhile is merged', async () => {
  const copy = await openCopy()
  await fill(copy, 20)
  copy.edit("UPDATE Lead SET Title = 'edited'")
  const before = copy.service.requests.length
  // One in the same field, one in another.
  const { status, pushed } = await changeAfterLook(
    copy,
    "Title = iif(LastName = 'Row 1', 'Lady', Title), FirstName = iif(LastName = 'Row 2', 'Ada', FirstName)",
    "LastName IN ('Row 1', 'Row 2')",
  )
  expect(pushed.get('Lead')).toMatchObject({ update: 19, rejected: 0 })
  expect(status.objects[0]).toMatchObject({ conflicts: 1, pending: { update: 1 } })
  expect(copy.service.requests.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /services/data/v66.0/composite/sobjects/Lead',
    'POST /services/data/v66.0/composite',
    'POST /services/data/v66.0/composite/sobjects/Lead',
    expect.stringContaining('PATCH /services/data/v66.0/sobjects/Lead/00Q'),
  ])
  expect(
    await copy.query("SELECT FirstName, Title FROM Lead WHERE LastName IN ('Row 1', 'Row 2') ORDER BY LastName"),
  ).toEqual([
    { FirstName: null, Title: 'Lady' },
    { FirstName: 'Ada', Title: 'edited' },
  ])
})

it('of a few changes a refused one waits with the reason, and the others are made', async () => {
  const copy = await openCopy([{ object: 'Lead', fields: ['LastName', 'Company', 'Email'] }])
  await fill(copy, 3)
  copy.edit("UPDATE Lead SET Email = iif(LastName = 'Row 1', 'no address', 'ada@example.com')")
  const { status, pushed } = await copy.sync()
  expect(pushed.get('Lead')).toMatchObject({ update: 2, rejected: 1 })
  expect(status.rejects).toMatchObject([
    { operation: 'update', error: expect.stringMatching(/^INVALID_EMAIL_ADDRESS:.*:Email --$/) },
  ])
  expect(copy.service.count('POST', /composite$/)).toBe(1)
  expect(copy.service.count('POST', /Soap/)).toBe(0)
})

it('a change that goes alone and is refused waits with the reason, its code once', async () => {
  const copy = await openCopy([{ object: 'Lead', fields: ['LastName', 'Company', 'Email'] }])
  await copy.create('Lead', { LastName: 'first', Company: 'Engine' })
  await copy.sync()
  copy.edit("UPDATE Lead SET Email = 'no address'")
  const { status } = await copy.sync()
  expect(copy.service.count('PATCH', /Lead/)).toBe(1)
  expect(status.rejects).toMatchObject([{ error: expect.stringMatching(/^INVALID_EMAIL_ADDRESS:(?!INVALID_EMAIL)/) }])
})

it('an org without that call gets the changes the usual way', async () => {
  const copy = await openCopy()
  await fill(copy, 3)
  copy.edit("UPDATE Lead SET Title = 'edited'")
  copy.service.faults.add([{ path: '/composite$', status: 404, body: [{ errorCode: 'NOT_FOUND', message: 'none' }] }])
  const { pushed } = await copy.sync()
  expect(pushed.get('Lead')).toMatchObject({ update: 3, rejected: 0 })
  expect(copy.service.count('POST', /Soap/)).toBe(1)
})

it('thousands of edits go by one job', async () => {
  const copy = await openCopy()
  await fill(copy, 2_200)
  copy.edit("UPDATE Lead SET Title = 'edited' || Id")
  const { pushed } = await copy.sync({ pull: false })
  expect(pushed.get('Lead')).toMatchObject({ update: 2_200, rejected: 0 })
  expect(copy.service.count('POST', /jobs\/ingest$/)).toBe(1)
  expect(copy.service.count('POST', /composite/)).toBe(2)
  const { status } = await copy.sync()
  expect(status.objects[0]).toMatchObject({ rows: 2_200, pending: { update: 0 } })
})

/** Fills the org and the copy with leads, by the org's file: it is the edits that are counted. */
async function fill(copy: Awaited<ReturnType<typeof openCopy>>, rows: number): Promise<void> {
  await copy.create('Lead', { LastName: 'first', Company: 'Engine' })
  const storage = openDatabase(copy.service.data)
  storage.exec(`PRAGMA foreign_keys = OFF;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows - 1})
    INSERT INTO Lead (${columnsOf(storage, 'Lead')}) SELECT ${columnsOf(storage, 'Lead', true)} FROM Lead, n`)
  storage.close()
  await copy.sync()
  expect(copy.rows('SELECT count(*) FROM Lead')).toEqual([[rows]])
}

function columnsOf(storage: ReturnType<typeof openDatabase>, table: string, values = false): string {
  const columns = storage.prepare(`SELECT name FROM pragma_table_info('${table}')`).raw().all() as [string][]
  return columns
    .map(([name]) => {
      if (!values) return `"${name}"`
      if (name === 'number') return 'number + i'
      if (name === 'LastName') return "'Row ' || i"
      return name === 'Id' ? "'00QLc' || printf('%010d', number + i) || 'MAA'" : `"${name}"`
    })
    .join(', ')
}
