import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findProxy } from '../../src/org/find-proxy.ts'
import { createHttpClient } from '../../src/org/http.ts'
import { readNetworkSettings } from '../../src/org/network-settings.ts'
import { makeCertificate } from '../support/certificates.ts'
import { startTestOrg } from '../support/org.ts'
import { startProxy } from '../support/proxy.ts'
import { run } from '../support/run.ts'
import { startTlsFront } from '../support/tls-front.ts'

/** An org behind TLS, and the variables of a login there. */
async function startEncrypted() {
  const certificate = makeCertificate()
  const org = await startTestOrg()
  const url = await startTlsFront(org, certificate)
  const { username: SF_USERNAME, password: SF_PASSWORD, securityToken: SF_SECURITY_TOKEN } = org
  const login: Record<string, string> = { SF_LOGIN_URL: url, SF_USERNAME, SF_PASSWORD, SF_SECURITY_TOKEN }
  return { org, url, login, trusting: { ...login, SFBULK_CA_FILE: certificate.file }, certificate }
}

const limits = (env: Record<string, string>) => run('limits --json -v', { env })

describe('a certificate that nobody knows', () => {
  test('is refused before anything is sent, and taken with SFBULK_CA_FILE or NODE_EXTRA_CA_CERTS', async () => {
    const { org, login, trusting, certificate } = await startEncrypted()
    const refused = await limits(login)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No trusted connection to localhost:\d+: /),
    })
    expect(refused.stderr).toContain('→ If a proxy of your company opens encrypted connections, name its certificate:')
    expect(org.requests).toEqual([])
    expect((await limits({ ...login, NODE_TLS_REJECT_UNAUTHORIZED: '' })).code).toBe(1)
    expect((await limits(trusting)).code).toBe(0)
    expect((await limits({ ...login, NODE_EXTRA_CA_CERTS: certificate.file })).code).toBe(0)
  })

  test.each([
    ['nowhere.pem', {}, 'cannot be read'],
    ['empty.pem', { 'empty.pem': 'nothing' }, 'holds no certificate'],
    ['bad.pem', { 'bad.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }, 'cannot be read'],
  ])('is not sought in %s', async (SFBULK_CA_FILE, files, why) => {
    const env = { SF_LOGIN_URL: 'https://localhost:1', SF_USERNAME: 'a', SF_PASSWORD: 'b', SFBULK_CA_FILE }
    const { code, stderr } = await run('limits', { env, files })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) })
  })
})

describe('a proxy', () => {
  test.each([
    'HTTPS_PROXY',
    'https_proxy',
    'ALL_PROXY',
  ])('named by %s is the way of login and requests', async (name) => {
    const { url, trusting } = await startEncrypted()
    const proxy = await startProxy({ login: 'ada:p@ss' })
    const { code, stderr } = await limits({ ...trusting, [name]: `http://ada:p%40ss@127.0.0.1:${proxy.port}` })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(new Set(proxy.through)).toEqual(new Set([new URL(url).host]))
    expect(stderr).not.toMatch(/p@ss|p%40ss/)
  })

  test.each([
    [{ login: 'ada:x' }, '', /asks for a user name and password[\s\S]*HTTPS_PROXY=http:\/\/user:password@127/],
    [{ login: 'ada:x' }, 'ada:wrong@', /or refuses those given/],
    [{ refuses: 403 }, '', /does not let this connection through: it answers CONNECT with 403/],
    [{ refuses: 502 }, '', /does not reach the host/],
  ])('that refuses, %o, is told from the host', async (options, credentials, message) => {
    const { org, trusting } = await startEncrypted()
    const proxy = await startProxy(options)
    const HTTPS_PROXY = `http://${credentials}127.0.0.1:${proxy.port}`
    const { code, stderr, stdout } = await run('limits', { env: { ...trusting, HTTPS_PROXY } })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) })
    expect(stderr + stdout).not.toContain('wrong')
    expect(org.requests).toEqual([])
  })

  test.each([
    '',
    'HTTP/1.1 200 Conn',
    'hello\r\n\r\n',
  ])('that answers %j and hangs up is told', async (breaksOffAfter) => {
    const { trusting } = await startEncrypted()
    const proxy = await startProxy({ breaksOffAfter })
    const env = { ...trusting, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
    const { code, stderr } = await run('limits', { env })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`The proxy 127.0.0.1:${proxy.port}`) })
  })

  test('does not make a request that was lost on a kept connection look as if it had not arrived', async () => {
    const certificate = makeCertificate()
    const heard: string[] = []
    const server = createTlsServer(certificate, (request, response) => {
      heard.push(request.method ?? '')
      if (request.method === 'POST') request.socket.destroy()
      else response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const proxy = await startProxy()
    const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}`)
    const network = readNetworkSettings({
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      SFBULK_CA_FILE: certificate.file,
    })
    const client = createHttpClient({ network })
    onTestFinished(() => client.close())
    const answer = await client.send({ method: 'GET', url, headers: {} })
    await once(answer.body.resume(), 'close')
    const lost = await client.send({ method: 'POST', url, headers: {}, body: 'rows' }).catch((error: unknown) => error)
    expect(heard).toEqual(['GET', 'POST'])
    expect(proxy.through).toHaveLength(1)
    expect(lost).toMatchObject({ code: 'CONNECTION_LOST', mayHaveArrived: true })
  })

  test('that is not there, or no address, says which variable to mend', async () => {
    const { trusting } = await startEncrypted()
    const absent = await run('limits', { env: { ...trusting, HTTPS_PROXY: 'http://127.0.0.1:9' } })
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringMatching(/The proxy 127\.0\.0\.1:9 is not reached/) })
    expect(absent.stderr).toContain('Check the address in HTTPS_PROXY')
    const wrong = await run('limits', { env: { ...trusting, https_proxy: 'socks5://x' } })
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('https_proxy is no address') })
  })

  test.each([
    ['localhost', undefined],
    ['.example.com, LOCALHOST', undefined],
    ['*', undefined],
    ['example.com', 'proxy.example:3128'],
    ['localhost:1', 'proxy.example:3128'],
    ['localhost:8443', undefined],
    ['host', 'proxy.example:3128'],
  ])('is passed by for hosts in NO_PROXY=%s', (NO_PROXY, expected) => {
    const proxy = findProxy(new URL('https://localhost:8443'), { HTTPS_PROXY: 'proxy.example:3128', NO_PROXY })
    expect(proxy?.host).toBe(expected)
  })

  test('is passed by for hosts below a domain of NO_PROXY, and for plain http, which stays on this machine', () => {
    const environment = { HTTPS_PROXY: 'proxy.example:3128', no_proxy: 'my.salesforce.com' }
    expect(findProxy(new URL('https://x.my.salesforce.com'), environment)).toBeUndefined()
    expect(findProxy(new URL('https://xmy.salesforce.com'), environment)?.host).toBe('proxy.example:3128')
    expect(findProxy(new URL('http://127.0.0.1:1'), environment)).toBeUndefined()
  })
})

test.each([
  '/services/Soap',
  '/services/oauth2/token',
  '/services/data/v66.0/limits',
])('a redirect of %s to another host is not followed', async (path) => {
  const heard: unknown[] = []
  const other = createServer((request, response) => {
    heard.push(request.headers)
    response.end('{}')
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const location = `http://localhost:${(other.address() as AddressInfo).port}/`
  const org = await startTestOrg({ faults: [{ path, status: 307, headers: { location } }] })
  const client = { SF_CLIENT_ID: org.clientId, SF_CLIENT_SECRET: org.clientSecret }
  const user = { SF_USERNAME: org.username, SF_PASSWORD: org.password, SF_SECURITY_TOKEN: org.securityToken }
  const env = { SF_LOGIN_URL: org.url, ...(path.includes('oauth2') ? client : user) }
  const { code, stderr } = await run('limits', { env })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('sends requests on to http://localhost'),
  })
  expect(heard).toEqual([])
})
