import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { ApiError, AuthError, RunError } from '../../src/errors.ts'
import { expired, fakeTools, openOrg, type Step, startDialogue } from './dialogue.ts'

const ok: Step = () => ({ json: { ok: true } })

describe('a request', () => {
  test('goes below the version, with the session, and is counted with its bytes', async () => {
    const { url, heard } = await startDialogue([
      () => ({
        json: { ok: true },
        headers: { 'sforce-limit-info': 'api-usage=18/15000; per-app-api-usage=17/250(appName=x)' },
      }),
    ])
    const { org } = openOrg(url, fakeTools())
    const response = await org.send({ method: 'POST', path: 'jobs/ingest', body: 'körper' })
    expect(await response.json()).toEqual({ ok: true })
    expect(heard[0]).toMatchObject({ method: 'POST', url: '/services/data/v66.0/jobs/ingest', body: 'körper' })
    expect(heard[0]?.headers).toMatchObject({ authorization: 'Bearer token-0', 'content-length': '7' })
    expect(org.usage).toMatchObject({ apiCalls: 1, bytesSent: 7, orgCalls: { used: 18, max: 15000 } })
    expect(org.usage.bytesReceived).toBeGreaterThan(11)
  })

  test('to Bulk API 1.0 carries the session in its own header', async () => {
    const { url, heard } = await startDialogue([() => ({ text: '<jobInfo/>' })])
    const { org } = openOrg(url, fakeTools())
    await (await org.send({ method: 'GET', path: '/services/async/66.0/job/750' })).text()
    expect(heard[0]?.headers['x-sfdc-session']).toBe('token-0')
    expect(heard[0]?.headers.authorization).toBeUndefined()
  })

  test('for the list of versions costs nothing', async () => {
    const { url } = await startDialogue(() => ({ json: [] }))
    const { org } = openOrg(url, fakeTools())
    await org.send({ method: 'GET', path: '/services/data/' })
    await org.send({ method: 'GET', path: '/services/data' })
    expect(org.usage.apiCalls).toBe(0)
  })

  test('is not followed to another host', async () => {
    const { url, heard } = await startDialogue([
      () => ({ status: 302, headers: { location: 'https://evil.example/x' } }),
    ])
    const { org } = openOrg(url, fakeTools())
    await expect(org.send({ method: 'GET', path: 'limits' })).rejects.toMatchObject({
      code: 'REDIRECTED',
      exit: 'failed',
    })
    expect(heard).toHaveLength(1)
  })
})

test('an answer that should be JSON and is not is explained', async () => {
  const { url } = await startDialogue([() => ({ text: '<html>Sign in to the hotel network</html>' })])
  const response = await openOrg(url, fakeTools()).org.send({ method: 'GET', path: 'limits' })
  await expect(response.json()).rejects.toMatchObject({ code: 'NOT_JSON', exitCode: 1 })
})

describe('an expired session', () => {
  test('is renewed once for all requests that it stops', async () => {
    const { url, heard } = await startDialogue(({ headers }) =>
      headers.authorization === 'Bearer token-0' ? expired : { json: { ok: true } },
    )
    const { org, state } = openOrg(url, fakeTools(), () => vi.waitUntil(() => heard.length === 20))
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => org.send({ method: 'GET', path: `query/${index}` })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(state.logins).toBe(1)
    expect(heard).toHaveLength(40)
    expect(org.usage.apiCalls).toBe(40)
  })

  test('is renewed each time that it expires, and a stream is asked for its body anew', async () => {
    let served = 0
    const { url, heard } = await startDialogue(({ headers }) => {
      const valid = headers.authorization === `Bearer token-${Math.floor(served / 2)}`
      if (!valid) return expired
      served += 1
      return { status: 201, text: '' }
    })
    const { org, state } = openOrg(url, fakeTools())
    const body = async function* () {
      yield Buffer.from('Name\n')
      yield Buffer.from('Ada\n')
    }
    for (let part = 0; part < 6; part++) {
      const response = await org.send({ method: 'PUT', path: `jobs/ingest/${part}/batches`, body })
      await response.text()
    }
    expect(state.logins).toBe(2)
    expect(heard.map((request) => request.body)).toEqual(Array(8).fill('Name\nAda\n'))
  })

  test('stays renewed even for a request that must not be repeated', async () => {
    const { url } = await startDialogue([() => expired, () => ({ json: { id: '750' } })])
    const { org, state } = openOrg(url, fakeTools())
    const response = await org.send({ method: 'POST', path: 'jobs/ingest', body: '{}' })
    expect(await response.json()).toEqual({ id: '750' })
    expect(state.logins).toBe(1)
  })

  test('ends the run when the renewed session is refused, too', async () => {
    const { url, heard } = await startDialogue(() => expired)
    const { org, state } = openOrg(url, fakeTools())
    const failure = await org.send({ method: 'GET', path: 'limits' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AuthError)
    expect(failure).toMatchObject({ code: 'INVALID_SESSION_ID', exitCode: 4 })
    expect(state.logins).toBe(1)
    expect(heard).toHaveLength(2)
  })

  test('ends the run when the connection has nothing but a token', async () => {
    const { url } = await startDialogue(() => expired)
    const { org } = openOrg(url, fakeTools(), null)
    await expect(org.send({ method: 'GET', path: 'limits' })).rejects.toThrow(/cannot be renewed/)
  })

  test.each([
    [
      400,
      '<error xmlns="http://www.force.com/2009/06/asyncapi/dataload"><exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>Invalid session id</exceptionMessage></error>',
    ],
    [
      500,
      '<soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID found</faultstring></soapenv:Fault>',
    ],
    [401, ''],
  ])('is recognised by the answer %i %s', async (status, text) => {
    const { url } = await startDialogue([() => ({ status, text }), ok])
    const { org, state } = openOrg(url, fakeTools())
    await org.send({ method: 'POST', path: '/services/async/66.0/job' })
    expect(state.logins).toBe(1)
  })

  test('is not renewed again once the login was refused, so that nobody is locked out', async () => {
    const { url } = await startDialogue(() => expired)
    const refusal = new AuthError('wrong password')
    const { org, state } = openOrg(url, fakeTools(), () => Promise.reject(refusal))
    for (let request = 0; request < 3; request++) {
      await expect(org.send({ method: 'GET', path: 'limits' })).rejects.toBe(refusal)
    }
    expect(state.logins).toBe(1)
  })

  test('is not what a session of the wrong kind is', async () => {
    const { url } = await startDialogue(() => ({
      status: 401,
      json: [{ errorCode: 'INVALID_SESSION_ID', message: 'This session is not valid for use with the REST API' }],
    }))
    const { org, state } = openOrg(url, fakeTools())
    await expect(org.send({ method: 'GET', path: 'limits' })).rejects.toMatchObject({ exitCode: 4 })
    expect(state.logins).toBe(0)
  })
})

describe('a request that fails in passing', () => {
  test('is tried five times, longer and longer apart', async () => {
    const { url, heard } = await startDialogue(() => ({
      status: 503,
      text: '<html><body>Down for maintenance</body></html>',
    }))
    const tools = fakeTools()
    const { org } = openOrg(url, tools)
    const failure = await org.send({ method: 'GET', path: 'limits' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ApiError)
    expect(failure).toMatchObject({ status: 503, errorCode: 'HTTP_503', exitCode: 1 })
    expect(String(failure)).toContain('answered 503 with a web page instead of JSON')
    expect(heard).toHaveLength(5)
    expect(tools.pauses).toEqual([750, 1500, 3000, 6000])
    expect(org.usage.apiCalls).toBe(5)
  })

  test.each([408, 420, 429, 500, 502, 503, 504, 406])('is sent again after %i', async (status) => {
    const { url } = await startDialogue([() => ({ status }), ok])
    const { org } = openOrg(url, fakeTools())
    expect((await org.send({ method: 'GET', path: 'limits' })).status).toBe(200)
  })

  test('waits as long as Retry-After says, in seconds or until a date', async () => {
    const { url } = await startDialogue([
      () => ({ status: 429, headers: { 'retry-after': '7' } }),
      () => ({ status: 503, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:42 GMT' } }),
      ok,
    ])
    const tools = fakeTools()
    await openOrg(url, tools).org.send({ method: 'GET', path: 'limits' })
    expect(tools.pauses).toEqual([7_000, 42_000])
  })

  test('is not waited for when Retry-After asks for hours', async () => {
    const { url, heard } = await startDialogue(() => ({ status: 503, headers: { 'retry-after': '7200' } }))
    await expect(openOrg(url, fakeTools()).org.send({ method: 'GET', path: 'limits' })).rejects.toBeInstanceOf(ApiError)
    expect(heard).toHaveLength(1)
  })

  test.each([
    'POST',
    'PATCH',
  ] as const)('is not sent again when it is a %s that may have been carried out', async (method) => {
    const { url, heard } = await startDialogue(() => ({
      status: 500,
      json: [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'Oops' }],
    }))
    const { org } = openOrg(url, fakeTools())
    await expect(org.send({ method, path: 'jobs/ingest' })).rejects.toThrow('UNKNOWN_EXCEPTION: Oops')
    expect(heard).toHaveLength(1)
  })

  test('is sent again as a POST when it was turned away at the door, or when the caller says so', async () => {
    const { url, heard } = await startDialogue([() => ({ status: 420 }), ok, () => ({ status: 502 }), ok])
    const { org } = openOrg(url, fakeTools())
    await org.send({ method: 'POST', path: 'jobs/ingest' })
    await org.send({ method: 'POST', path: 'jobs/ingest', repeatable: true })
    expect(heard).toHaveLength(4)
  })

  test('is sent again after a lost connection', async () => {
    const { url } = await startDialogue([(_, response) => void response.destroy(), ok])
    const { org } = openOrg(url, fakeTools())
    expect((await org.send({ method: 'GET', path: 'limits' })).status).toBe(200)
    expect(org.usage.apiCalls).toBe(2)
  })

  test('is sent again when its JSON breaks off, packed or not', async () => {
    const packed = gzipSync(JSON.stringify({ ok: true, padding: 'x'.repeat(5000) }))
    const { url, heard } = await startDialogue([
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('{"ok":')
        response.destroy()
        return undefined
      },
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        response.end(packed.subarray(0, 20))
        return undefined
      },
      ok,
    ])
    const { org } = openOrg(url, fakeTools())
    expect(await (await org.send({ method: 'GET', path: 'jobs/ingest/750' })).json()).toEqual({ ok: true })
    expect(heard).toHaveLength(3)
  })

  test('is given up after a minute without network', async () => {
    const tools = fakeTools()
    await expect(openOrg('http://127.0.0.1:9', tools).org.send({ method: 'GET', path: 'limits' })).rejects.toThrow()
    expect(tools.pauses).toEqual([375, 750, 1_500, 3_000, 6_000, 12_000, 22_500])
  })

  test('says when nobody listens at the host', async () => {
    const { org } = openOrg('http://127.0.0.1:9', fakeTools())
    const failure = await org.send({ method: 'POST', path: 'jobs/ingest' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(RunError)
    expect(failure).toMatchObject({ code: 'CONNECTION_REFUSED', exitCode: 1, mayHaveArrived: false })
    expect(org.usage.apiCalls).toBe(0)
  })

  test('stops when the caller gives up', async () => {
    const { url } = await startDialogue(() => ({ status: 503 }))
    const { org } = openOrg(url, fakeTools())
    const reason = new Error('enough')
    await expect(org.send({ method: 'GET', path: 'limits', signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('the limits of the org', () => {
  test('of a day end the run as unfinished, at once', async () => {
    const { url, heard } = await startDialogue(() => ({
      status: 403,
      json: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
    }))
    await expect(openOrg(url, fakeTools()).org.send({ method: 'GET', path: 'limits' })).rejects.toMatchObject({
      code: 'REQUEST_LIMIT_EXCEEDED',
      exitCode: 5,
    })
    expect(heard).toHaveLength(1)
  })

  test('of requests at the same time are waited for, even by a POST', async () => {
    const busy: Step = () => ({
      status: 403,
      json: [
        {
          errorCode: 'REQUEST_LIMIT_EXCEEDED',
          message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
        },
      ],
    })
    const { url } = await startDialogue([busy, busy, busy, busy, busy, busy, ok])
    expect((await openOrg(url, fakeTools()).org.send({ method: 'POST', path: 'jobs/query' })).status).toBe(200)
  })
})
