import { describe, expect, test } from 'vitest'
import type { CallLimits } from '../../src/org/budget.ts'
import { createOrg } from '../../src/org/request.ts'
import { fakeTools, type Step, startDialogue } from './dialogue.ts'

async function openWith(callLimits: CallLimits, script: Step | readonly Step[]) {
  const { url, heard } = await startDialogue(script)
  const session = { accessToken: 'token', instanceUrl: url }
  const connection = { name: 'test', username: undefined, apiVersion: '66.0', session, logIn: undefined, callLimits }
  const org = createOrg(connection, fakeTools())
  const ask = async () => await (await org.send({ method: 'GET', path: 'limits' })).text()
  return { org, heard, ask }
}

const used =
  (calls: number): Step =>
  () => ({ headers: { 'sforce-limit-info': `api-usage=${calls}/1000` }, json: {} })

describe('a limit of calls', () => {
  test('lets as many through as were allowed, and no more', async () => {
    const { org, ask } = await openWith({ maxApiCalls: 2 }, [used(1), used(2)])
    await ask()
    await ask()
    expect(org.callsLeft()).toBe(0)
    await expect(ask()).rejects.toMatchObject({
      exit: 'unfinished',
      code: 'CALL_LIMIT',
      message: '2 of 2 API calls are used (--max-api-calls): nothing more is asked of the org',
    })
  })

  test('counts the calls that are on their way', async () => {
    const { ask, heard } = await openWith({ maxApiCalls: 2 }, used(1))
    const results = await Promise.allSettled([ask(), ask(), ask()])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(heard).toHaveLength(2)
  })

  test('counts what is sent again after a failure', async () => {
    const away: Step = () => ({ status: 503, json: [{ errorCode: 'SERVER_UNAVAILABLE', message: 'no' }] })
    const { ask } = await openWith({ maxApiCalls: 2 }, [away, away])
    await expect(ask()).rejects.toMatchObject({ code: 'CALL_LIMIT' })
  })

  test('leaves the share of others alone, once the org has told of it', async () => {
    const { org, ask } = await openWith({ reservePercent: 25 }, [used(748), used(749), used(750)])
    expect(org.callsLeft()).toBe(Number.POSITIVE_INFINITY)
    await ask()
    expect(org.callsLeft()).toBe(2)
    await ask()
    await ask()
    await expect(ask()).rejects.toMatchObject({
      code: 'CALL_LIMIT',
      message:
        "750 of the org's 1000 API calls are used, and 25 % are kept for others (--reserve): nothing more is asked of the org",
    })
  })

  test('is the stricter of two', async () => {
    const { org, ask } = await openWith({ maxApiCalls: 3, reservePercent: 10 }, [used(10), used(11)])
    await ask()
    expect(org.callsLeft()).toBe(2)
    await ask()
    expect(org.callsLeft()).toBe(1)
  })
})
