import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { lockRun } from '../../src/runs/run-lock.ts'
import { privateFolder } from '../support/run.ts'

describe('the lock of a run', () => {
  it('has one holder at a time, however many want it while another lets go of it', async () => {
    const folder = privateFolder()
    let holders = 0
    let most = 0
    let taken = 0
    const want = async () => {
      for (let tries = 0; tries < 60; tries++) {
        const lock = await lockRun(folder, 'run-1').catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'RUN_BUSY' })
        })
        if (lock === undefined) continue
        taken++
        most = Math.max(most, ++holders)
        await wait(0)
        holders--
        await lock.release()
      }
    }
    await Promise.all(Array.from({ length: 8 }, want))
    expect(taken).toBeGreaterThan(8)
    expect(most).toBe(1)
  })
})
