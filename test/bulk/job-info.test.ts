import { expect, test } from 'vitest'
import { abortJob, deleteJob, fetchJob, listJobs } from '../../src/bulk/job-info.ts'
import { fakeTools, openOrg, startDialogue } from '../org/dialogue.ts'

test('a job is aborted by its state', async () => {
  const { url, heard } = await startDialogue([() => ({ json: { id: '750A', state: 'Aborted' } })])
  expect(await abortJob(openOrg(url, fakeTools()).org, 'query', '750A')).toEqual({ id: '750A', state: 'Aborted' })
  expect(heard[0]).toMatchObject({
    method: 'PATCH',
    url: '/services/data/v66.0/jobs/query/750A',
    body: '{"state":"Aborted"}',
  })
})

test('counters that come as text are numbers', async () => {
  const json = { id: '750A', state: 'JobComplete', numberRecordsProcessed: '12', numberRecordsFailed: '2' }
  const { url } = await startDialogue([() => ({ json }), () => ({ json: { id: '750A', state: 'Open' } })])
  const { org } = openOrg(url, fakeTools())
  expect(await fetchJob(org, 'ingest', '750A')).toEqual({ ...json, numberRecordsProcessed: 12, numberRecordsFailed: 2 })
  expect(await fetchJob(org, 'ingest', '750A')).toEqual({ id: '750A', state: 'Open' })
})

test('a job is deleted', async () => {
  const { url, heard } = await startDialogue([() => ({ status: 204 })])
  await deleteJob(openOrg(url, fakeTools()).org, 'ingest', '750A')
  expect(heard[0]).toMatchObject({ method: 'DELETE', url: '/services/data/v66.0/jobs/ingest/750A' })
})

test('the list of jobs is read to its last page', async () => {
  const next = '/services/data/v66.0/jobs/ingest?queryLocator=2'
  const { url, heard } = await startDialogue([
    () => ({ json: { done: false, records: [{ id: '750A', state: 'Open' }], nextRecordsUrl: next } }),
    () => ({ json: { done: true, records: [{ id: '750B', state: 'JobComplete' }], nextRecordsUrl: null } }),
  ])
  const found: string[] = []
  for await (const { jobs } of listJobs(openOrg(url, fakeTools()).org, 'ingest'))
    found.push(...jobs.map(({ id }) => id))
  expect(found).toEqual(['750A', '750B'])
  expect(heard[1]?.url).toBe(next)
})
