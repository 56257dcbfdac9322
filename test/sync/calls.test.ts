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

it('a change that goes alone is made only where nobody changed the record after the look', async () => {
  const copy = await openCopy()
  const [id = ''] = await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' })
  await copy.sync()
  copy.edit("UPDATE Lead SET Title = 'Countess'")
  // Changed in the org between the look and the write, a while after the change that the look saw.
  let looked = false
  const later = new Date(Date.now() + 60_000).toISOString()
  const report: typeof copy.tools.report = (event) => {
    if (event.type !== 'step' || event.step !== 'push' || looked) return
    looked = true
    const storage = openDatabase(copy.service.data)
    storage.exec(`UPDATE Lead SET Title = 'Lady', LastModifiedDate = '${later}', SystemModstamp = '${later}'`)
    storage.close()
  }
  const { status } = await runSync({ ...copy.tools, report }, { pull: false, push: true })
  expect(status.objects[0]).toMatchObject({ conflicts: 1, pending: { update: 1 } })
  expect(await copy.query('SELECT Title FROM Lead')).toEqual([{ Title: 'Lady' }])
  expect(copy.service.requests.filter(({ status: code }) => code === 412)).toHaveLength(1)
  expect(copy.service.count('PATCH', new RegExp(id))).toBe(1)
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
      return name === 'Id' ? "'00QLc' || printf('%010d', number + i) || 'MAA'" : `"${name}"`
    })
    .join(', ')
}
