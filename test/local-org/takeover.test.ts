import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { submit, waitForEnd } from './bulk-calls.ts'

async function makeDataFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-takeover-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'org.db')
}

const rows = Array.from({ length: 20_000 }, (_, index) => `Person ${index},C${index}`)
const csv = `LastName,ERP_Id__c\n${rows.join('\n')}\n`

async function countRows(org: TestOrg, id: string): Promise<{ successful: number; failed: number; contacts: number }> {
  const lines = async (file: string) =>
    (await (await org.call('GET', `jobs/ingest/${id}/${file}`)).text()).trimEnd().split('\n').length - 1
  const counted = (await (await org.call('GET', 'limits/recordCount?sObjects=Contact')).json()) as {
    sObjects: { count: number }[]
  }
  return {
    successful: await lines('successfulResults'),
    failed: await lines('failedResults'),
    contacts: counted.sObjects[0]?.count ?? 0,
  }
}

it('goes on with a job where the process before left it, and repeats nothing', async () => {
  const data = await makeDataFile()
  const first = await startTestOrg({ data })
  const id = await submit(first, { object: 'Contact' }, csv)
  let processed = 0
  while (processed === 0) {
    const info = (await (await first.call('GET', `jobs/ingest/${id}`)).json()) as { numberRecordsProcessed: number }
    processed = info.numberRecordsProcessed
  }
  await first.close()
  expect(processed).toBeLessThan(rows.length)
  const second = await startTestOrg({ data })
  expect(second.accessToken).toBe(first.accessToken)
  const end = await waitForEnd(second, `jobs/ingest/${id}`)
  expect(end).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: rows.length, numberRecordsFailed: 0 })
  expect(await countRows(second, id)).toEqual({ successful: rows.length, failed: 0, contacts: rows.length })
})

it('lets one of two processes on the same file do a job', async () => {
  const data = await makeDataFile()
  const one = await startTestOrg({ data })
  const other = await startTestOrg({ data })
  const id = await submit(one, { object: 'Contact' }, csv)
  expect(await waitForEnd(other, `jobs/ingest/${id}`)).toMatchObject({ numberRecordsProcessed: rows.length })
  expect(await countRows(other, id)).toEqual({ successful: rows.length, failed: 0, contacts: rows.length })
})

it('starts a job that was held back when the process is another', async () => {
  const data = await makeDataFile()
  const first = await startTestOrg({ data, neverFinish: true })
  const id = await submit(first, { object: 'Contact' }, 'LastName\nAda\n')
  await first.close()
  const second = await startTestOrg({ data })
  expect(await waitForEnd(second, `jobs/ingest/${id}`)).toMatchObject({ state: 'JobComplete' })
})
