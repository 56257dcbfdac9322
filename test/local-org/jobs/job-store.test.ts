import { describe, expect, it } from 'vitest'
import type { NewJob } from '../../../src/local-org/jobs/job.ts'
import { createJobIds } from '../../../src/local-org/jobs/job-ids.ts'
import { createJobStore } from '../../../src/local-org/jobs/job-store.ts'
import { openDatabase } from '../../../src/sqlite/database.ts'

const newJob: NewJob = {
  kind: 'ingest',
  operation: 'insert',
  object: 'Account',
  externalIdField: '',
  assignmentRuleId: '',
  query: '',
  columnDelimiter: 'COMMA',
  lineEnding: 'LF',
  apiVersion: 66,
  createdBy: '005000000000001AAA',
  state: 'UploadComplete',
}

/** Two processes on one file, whose clock and lives the test decides. */
function openStores() {
  const storage = openDatabase(':memory:')
  const clock = { now: 1_000_000 }
  const dead = new Set<string>()
  const newId = createJobIds(storage)
  const store = (owner: string) =>
    createJobStore({ storage, newId, now: () => clock.now, owner, isAlive: (name) => !dead.has(name) })
  return { one: store('one'), other: store('other'), reopen: () => store('third'), clock, dead }
}

describe('jobs of several processes', () => {
  it('are taken by one of them', () => {
    const { one, other } = openStores()
    const { id } = one.create(newJob)
    expect(other.waiting()).toEqual([id])
    expect(other.claim(id)?.state).toBe('InProgress')
    expect(one.claim(id)).toBeUndefined()
    expect(one.waiting()).toEqual([])
    expect(one.progress(id, { processed: 5 })).toBe(false)
    expect(other.progress(id, { processed: 5 })).toBe(true)
    expect(one.find('ingest', id)?.processed).toBe(5)
  })

  it('are taken over from a process that gave them back, that died, or that is not heard of', () => {
    const { one, other, clock, dead } = openStores()
    const { id } = one.create(newJob)
    one.claim(id)
    one.release()
    expect(other.claim(other.waiting()[0] ?? '')?.id).toBe(id)
    dead.add('other')
    expect(one.claim(one.waiting()[0] ?? '')?.id).toBe(id)
    expect(other.progress(id, {})).toBe(false)
    clock.now += 14_000
    expect(other.waiting()).toEqual([])
    one.beat()
    clock.now += 14_000
    expect(other.waiting()).toEqual([])
    clock.now += 2_000
    expect(other.waiting()).toEqual([id])
  })

  it('do not go on when they were aborted', () => {
    const { one } = openStores()
    const { id } = one.create(newJob)
    one.claim(id)
    expect(one.changeState(id, ['Open', 'InProgress'], 'Aborted')).toBe(true)
    expect(one.holds(id)).toBe(false)
    expect(one.progress(id, { state: 'JobComplete' })).toBe(false)
    expect(one.changeState(id, ['Open'], 'UploadComplete')).toBe(false)
    expect(one.waiting()).toEqual([])
  })

  it('are forgotten after seven days', () => {
    const { one, clock, reopen } = openStores()
    const { id } = one.create(newJob)
    expect(one.find('ingest', id.slice(0, 15))?.id).toBe(id)
    expect(one.find('query', id)).toBeUndefined()
    clock.now += 8 * 24 * 3_600_000
    expect(one.list('ingest', 0, 10)).toHaveLength(1)
    reopen()
    expect(one.list('ingest', 0, 10)).toEqual([])
  })
})
