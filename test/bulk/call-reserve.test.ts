import { describe, expect, test } from 'vitest'
import { createCallReserve } from '../../src/bulk/call-reserve.ts'

function reserveOf(maxApiCalls: number) {
  const usage = { apiCalls: 0, bytesSent: 0, bytesReceived: 0 }
  const org = { callLimits: { maxApiCalls }, usage, callsLeft: () => maxApiCalls - usage.apiCalls }
  const spend = (calls: number) => {
    usage.apiCalls += calls
  }
  return { ...createCallReserve(org), spend }
}

describe('calls are kept back', () => {
  test('for the results of a job, so that one that could not be collected is not begun', () => {
    expect(() => reserveOf(6).begin(3)).toThrow(/calls are used .*: another job needs 7 calls, so none is begun/)
    const reserve = reserveOf(7)
    reserve.begin(3)
    expect(() => reserve.begin(1)).toThrow(/none is begun/)
  })

  test('while a job runs: questions for its state end before the calls for its results are touched', () => {
    const reserve = reserveOf(8)
    reserve.begin(3)
    reserve.spend(3)
    reserve.started(3, 'one')
    reserve.beforePoll()
    reserve.spend(2)
    expect(() => reserve.beforePoll()).toThrow(/go on by themselves/)
  })

  test('no longer than they are needed', () => {
    const reserve = reserveOf(12)
    reserve.begin(1)
    reserve.spend(1)
    reserve.started(1, 'one')
    reserve.spend(2)
    reserve.ended('one')
    reserve.begin(3)
    reserve.started(3, undefined)
    reserve.begin(3)
  })

  test('for each job once, however often its results are read', () => {
    const reserve = reserveOf(13)
    for (const job of ['one', 'two']) {
      reserve.begin(1)
      reserve.spend(1)
      reserve.started(1, job)
    }
    reserve.ended('one')
    reserve.spend(3)
    reserve.ended('one')
    expect(() => reserve.begin(2)).toThrow(/none is begun/)
    reserve.ended('two')
    reserve.begin(2)
  })

  test('and questions are asked more seldom when few are left', () => {
    expect(reserveOf(3).isScarce()).toBe(true)
    expect(reserveOf(100).isScarce()).toBe(false)
  })
})
