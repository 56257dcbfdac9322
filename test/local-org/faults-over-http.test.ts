import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { create, refusal } from './bulk-calls.ts'

describe('faults on demand over HTTP', () => {
  it('answer with a status and body of the test’s choice, without acting', async () => {
    const body = '<html>Down for maintenance</html>'
    const org = await startTestOrg({ faults: [{ method: 'POST', path: '/jobs/ingest$', status: 503, body }] })
    const response = await org.call('POST', 'jobs/ingest', { object: 'Account', operation: 'insert' })
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'text/html;charset=UTF-8'])
    expect(await response.text()).toBe(body)
    const { records } = (await (await org.call('GET', 'jobs/ingest')).json()) as { records: object[] }
    expect(records).toEqual([])
  })

  it('answer with JSON and headers', async () => {
    const body = [{ errorCode: 'SERVER_UNAVAILABLE', message: 'later' }]
    const headers = { 'Retry-After': '3' }
    const org = await startTestOrg({ faults: [{ path: '/limits', status: 429, body, headers }] })
    const response = await org.call('GET', 'limits')
    expect(response.headers.get('retry-after')).toBe('3')
    expect(await response.json()).toEqual(body)
    expect((await org.call('GET', 'limits')).status).toBe(200)
  })

  it('cut the connection before the server acted, or after', async () => {
    const org = await startTestOrg({
      faults: [
        { method: 'POST', path: '/jobs/ingest$', drop: 'before' },
        { method: 'POST', path: '/jobs/ingest$', nth: 2, drop: 'after' },
      ],
    })
    const jobs = async () =>
      ((await (await org.call('GET', 'jobs/ingest')).json()) as { records: object[] }).records.length
    await expect(create(org, { object: 'Account' })).rejects.toThrow('fetch failed')
    expect(await jobs()).toBe(0)
    await expect(create(org, { object: 'Account' })).rejects.toThrow('fetch failed')
    expect(await jobs()).toBe(1)
    expect(org.requests.filter(({ status }) => status === 0)).toHaveLength(2)
  })

  it('end a body early', async () => {
    const org = await startTestOrg({ faults: [{ path: '/sobjects$', cutBody: 100 }] })
    const response = await org.call('GET', 'sobjects', undefined, { 'Accept-Encoding': 'identity' })
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('end a session, after which a login gives another', async () => {
    const org = await startTestOrg({ faults: [{ path: '/limits', nth: 2, sessionExpired: true }] })
    const statuses = [await org.call('GET', 'limits'), await org.call('GET', 'limits'), await org.call('GET', 'limits')]
    expect(statuses.map(({ status }) => status)).toEqual([200, 401, 401])
    const { clientId: client_id, clientSecret: client_secret } = org
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret })
    const token = await (await fetch(`${org.url}/services/oauth2/token`, { method: 'POST', body: form })).json()
    const { access_token } = token as { access_token: string }
    const again = await org.call('GET', 'limits', undefined, { Authorization: `Bearer ${access_token}` })
    expect(again.status).toBe(200)
  })

  it('are asked for and accounted for over HTTP, too', async () => {
    const org = await startTestOrg()
    expect((await org.call('POST', '/local-org/faults', [{ path: '/limits', delayMs: 1 }])).status).toBe(204)
    expect((await org.call('GET', 'limits')).status).toBe(200)
    expect(await (await org.call('GET', '/local-org/faults')).json()).toEqual([
      { fault: { path: '/limits', delayMs: 1 }, matched: 1, fired: 1 },
    ])
    const refused = await refusal(await org.call('POST', '/local-org/faults', [{ path: 'x' }]))
    expect(refused).toMatchObject({ status: 400, errorCode: 'INVALID_FAULT' })
    expect((await fetch(`${org.url}/local-org/faults`)).status).toBe(401)
    expect(org.countedCalls()).toBe(1)
  })
})
