import { describe, expect, it } from 'vitest'
import { foreseeIngestJob, foreseeQueryJob } from '../../src/bulk/job-cost.ts'

describe('the calls of a job', () => {
  it.each([
    ['one that goes out with its create', { rows: 300, bytes: 18_000 }, { start: 1, polls: 4, results: 2, total: 7 }],
    ['one with an upload', { rows: 2_000, bytes: 120_000 }, { start: 3, polls: 3, results: 2, total: 8 }],
    ['one of 10,000 rows', { rows: 10_000, bytes: 600_000 }, { start: 3, polls: 4, results: 2, total: 9 }],
  ])('are foreseen for %s', (_, load, cost) => {
    expect(foreseeIngestJob(load)).toEqual(cost)
  })

  it('are foreseen for a query, whose pages are asked for one by one', () => {
    expect(foreseeQueryJob(10)).toEqual({ start: 1, polls: 5, results: 1, total: 7 })
    expect(foreseeQueryJob(12_000)).toEqual({ start: 1, polls: 2, results: 1, total: 4 })
    expect(foreseeQueryJob(200_000)).toMatchObject({ results: 4 + 1 })
  })
})
