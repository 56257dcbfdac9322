import { describe, expect, it } from 'vitest'
import { createFaults } from '../../src/local-org/faults.ts'

describe('faults on demand', () => {
  it('fires at the first matching request, once', () => {
    const fault = { method: 'GET', path: '/jobs/ingest/\\w+$', status: 503 }
    const faults = createFaults([fault])
    expect(faults.take('POST', '/jobs/ingest/750')).toBeUndefined()
    expect(faults.take('GET', '/jobs/ingest')).toBeUndefined()
    expect(faults.take('GET', '/jobs/ingest/750')).toBe(fault)
    expect(faults.take('GET', '/jobs/ingest/750')).toBeUndefined()
    expect(faults.unfired()).toEqual([])
  })

  it('fires from the nth matching request on, as many times as told', () => {
    const faults = createFaults([{ path: 'x', nth: 2, times: 2, drop: 'before' }])
    const fired = [1, 2, 3, 4].map(() => faults.take('GET', '/x') !== undefined)
    expect(fired).toEqual([false, true, true, false])
  })

  it('tells which never fired', () => {
    const never = { path: 'y', delayMs: 1 }
    const faults = createFaults([{ path: 'x', cutBody: 3 }, never])
    faults.take('GET', '/x')
    expect(faults.unfired()).toEqual([never])
    expect(faults.states().map(({ matched, fired }) => [matched, fired])).toEqual([
      [1, 1],
      [0, 0],
    ])
  })

  it('refuses a fault that says two things or none', () => {
    expect(() => createFaults([{ path: 'x' }])).toThrow('exactly one of')
    expect(() => createFaults([{ path: 'x', status: 500, drop: 'after' }])).toThrow('this has 2')
  })
})
