import { describe, expect, test } from 'vitest'
import { type Progress, pauseBefore, type Wait, waitForEnd } from '../../src/bulk/poll.ts'
import { ApiError, UnfinishedError } from '../../src/errors.ts'
import { fakeTools, openOrg, type Step, startDialogue } from '../org/dialogue.ts'
import { fakeClock } from './fake-clock.ts'

const state =
  (name: string, processed?: number): Step =>
  () => ({ json: { id: '750A', state: name, numberRecordsProcessed: processed } })
const unavailable: Step = () => ({ status: 503, text: '<html>Down for maintenance</html>' })
const signInPage: Step = () => ({ text: '<html>Sign in to the hotel network</html>' })

async function waitOn(script: readonly Step[] | Step, more: Partial<Wait> = {}) {
  const { url, heard } = await startDialogue(script)
  const { org } = openOrg(url, fakeTools())
  const clock = fakeClock()
  const start = clock.now()
  const wait = { clock, signal: new AbortController().signal, ...more }
  const ended = waitForEnd(org, 'ingest', '750A', wait)
  return { ended, clock, heard, start }
}

describe('waiting for a job', () => {
  test('asks ever more seldom, half a minute apart at most', async () => {
    const running = Array.from({ length: 11 }, () => state('InProgress'))
    const { ended, clock } = await waitOn([...running, state('JobComplete')])
    expect(await ended).toMatchObject({ state: 'JobComplete' })
    expect(clock.pauses.slice(0, 5)).toEqual([250, 750, 1000, 2000, 3000])
    expect(clock.pauses.every((pause, index) => pause >= (clock.pauses[index - 1] ?? 0))).toBe(true)
    expect(clock.pauses.at(-1)).toBe(30_000)
  })

  test.each(['JobComplete', 'Failed', 'Aborted'])('ends with the state %s', async (name) => {
    const { ended, heard } = await waitOn([state('UploadComplete'), state(name)])
    expect(await ended).toMatchObject({ id: '750A', state: name })
    expect(heard.map(({ method, url }) => `${method} ${url}`)).toEqual(
      Array.from({ length: 2 }, () => 'GET /services/data/v66.0/jobs/ingest/750A'),
    )
  })

  test('tells every answer', async () => {
    const told: unknown[] = []
    const { ended } = await waitOn([state('InProgress', 5), state('JobComplete', 9)], {
      onState: (job) => told.push([job.state, job.numberRecordsProcessed]),
    })
    await ended
    expect(told).toEqual([
      ['InProgress', 5],
      ['JobComplete', 9],
    ])
  })

  test('goes on when the org is away for a while', async () => {
    const away = Array.from({ length: 5 }, () => unavailable)
    const { ended } = await waitOn([state('InProgress'), ...away, signInPage, state('JobComplete')])
    expect(await ended).toMatchObject({ state: 'JobComplete' })
  })

  test('ends when the org has not answered for an hour, and says that the job goes on', async () => {
    const { ended, clock, start } = await waitOn(unavailable)
    await expect(ended).rejects.toMatchObject({ code: 'NO_ANSWER', exit: 'unfinished' })
    expect(clock.now() - start).toBeGreaterThan(3_600_000)
  })

  test('ends when the job is not known any more', async () => {
    const gone: Step = () => ({
      status: 404,
      json: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
    })
    const { ended } = await waitOn([gone])
    await expect(ended).rejects.toBeInstanceOf(ApiError)
  })

  test('asks once more at the deadline, then leaves the job alone', async () => {
    const { ended, clock, heard, start } = await waitOn(state('InProgress'), { deadline: fakeClock().now() + 10_000 })
    await expect(ended).rejects.toMatchObject({ code: 'WAIT_OVER', exit: 'unfinished' })
    expect(clock.now() - start).toBe(10_000)
    expect(new Set(heard.map(({ method }) => method))).toEqual(new Set(['GET']))
  })

  test('asks once when there is no time at all', async () => {
    const { ended, heard } = await waitOn(state('InProgress'), { deadline: 0 })
    await expect(ended).rejects.toMatchObject({ code: 'WAIT_OVER', exit: 'unfinished' })
    expect(heard).toHaveLength(1)
    const { ended: atOnce } = await waitOn(state('JobComplete'), { deadline: 0 })
    expect(await atOnce).toMatchObject({ state: 'JobComplete' })
  })

  test('takes an answer at the deadline for what it is', async () => {
    const deadline = fakeClock().now() + 500
    const { ended } = await waitOn([state('InProgress'), state('JobComplete')], { deadline })
    expect(await ended).toMatchObject({ state: 'JobComplete' })
  })

  test('ends at once when interrupted, and leaves the job alone', async () => {
    const { ended, heard } = await waitOn(state('InProgress'), { signal: AbortSignal.abort() })
    await expect(ended).rejects.toBeInstanceOf(UnfinishedError)
    expect(heard).toEqual([])
  })
})

describe('the pause before a question', () => {
  const progress = (more: Partial<Progress>): Progress => ({
    family: 'ingest',
    asked: 6,
    quiet: 0,
    processed: 0,
    rows: 100_000,
    elapsed: 10_000,
    ...more,
  })

  test('is the time that the other rows will take', () => {
    expect(pauseBefore(progress({ processed: 50_000 }))).toBe(10_000)
    expect(pauseBefore(progress({ processed: 80_000 }))).toBe(2_500)
  })

  test('is never longer than half a minute', () => {
    expect(pauseBefore(progress({ processed: 1 }))).toBe(30_000)
  })

  test('is short when all rows are done, and grows again when the job does not end all the same', () => {
    const pauses = [0, 1, 2, 3, 20].map((quiet) => pauseBefore(progress({ processed: 100_000, quiet })))
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 30_000])
  })

  test('is first a twentieth of the time that many rows took to send, and at most a second', () => {
    const first = (sendTime: number) => pauseBefore(progress({ asked: 0, rows: 600_000, sendTime }))
    expect([600, 2_400, 90_000].map(first)).toEqual([30, 120, 1_000])
  })

  test('is short twice before a query that was taken within milliseconds', () => {
    const pauses = (sendTime: number) =>
      [0, 1, 2, 3].map((asked) => pauseBefore(progress({ family: 'query', asked, rows: undefined, sendTime })))
    expect(pauses(10)).toEqual([10, 20, 100, 400])
    expect(pauses(150)).toEqual([100, 400, 500, 1_000])
  })

  test('grows with the number of questions while nothing is known', () => {
    expect(pauseBefore(progress({ asked: 0, rows: 1_000 }))).toBe(250)
    expect(pauseBefore(progress({ asked: 0, rows: 1_001 }))).toBe(1_000)
    expect(pauseBefore(progress({ family: 'query', asked: 0, rows: undefined }))).toBe(100)
    expect(pauseBefore(progress({ asked: 40, rows: undefined, processed: 7 }))).toBe(30_000)
  })
})
