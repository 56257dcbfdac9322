import { describe, expect, test, vi } from 'vitest'
import { AuthError, UsageError } from '../../src/errors.ts'
import { connect } from '../../src/org/connect.ts'
import type { Login } from '../../src/org/login-flows.ts'
import type { ConnectionSettings } from '../../src/org/settings.ts'
import { type Dialogue, expired, fakeTools, type Step, startDialogue } from './dialogue.ts'

const versions: Step = () => ({ json: ['58.0', '65.0', '66.0', '67.0'].map((version) => ({ version })) })
const ok: Step = () => ({ json: { ok: true } })

function soapSession(url: string, passwordExpired = false, respell = (text: string) => text): Step {
  return () => ({
    headers: { 'content-type': 'text/xml' },
    text: respell(`<?xml version="1.0"?><soapenv:Envelope><soapenv:Body><loginResponse><result>
      <passwordExpired>${passwordExpired}</passwordExpired><sandbox>false</sandbox>
      <serverUrl>${url}/services/Soap/u/64.0/00D000000000001</serverUrl>
      <sessionId>00D000000000001!AQ.secret</sessionId><userId>005000000000001</userId>
      <userInfo><organizationId>00D000000000001</organizationId></userInfo>
    </result></loginResponse></soapenv:Body></soapenv:Envelope>`),
  })
}

function fault(code: string, message: string): Step {
  return () => ({
    status: 500,
    headers: { 'content-type': 'text/xml' },
    text: `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${message}</faultstring><detail>
      <sf:LoginFault><sf:exceptionCode>${code}</sf:exceptionCode><sf:exceptionMessage>${message}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>`,
  })
}

const token = (url: string, accessToken: string): Step => {
  return () => ({
    json: { access_token: accessToken, instance_url: url, id: `${url}/id/00D/005`, token_type: 'Bearer' },
  })
}

const settings = (login: Login, apiVersion?: string): ConnectionSettings => ({ login, apiVersion, origin: 'the test' })

const soap = (loginUrl: string): Login => ({
  flow: 'soap',
  loginUrl,
  username: 'ada@example.com',
  password: `p<&>"'ä `,
  securityToken: 'T0k3n',
})

/** A dialogue whose steps know its address. */
async function startLogin(steps: (url: () => string) => Step[]): Promise<Dialogue> {
  let dialogue: Dialogue | undefined
  dialogue = await startDialogue(steps(() => dialogue?.url ?? ''))
  return dialogue
}

describe('SOAP login', () => {
  test.each([
    ['prefixes', (text: string) => text.replace(/<(\/?)(?![/?]|soapenv)/g, '<$1p:')],
    ['attributes', (text: string) => text.replace(/<(sessionId|serverUrl|passwordExpired)>/g, '<$1 xsi:type="xsd:x">')],
    ['references', (text: string) => text.replaceAll('!', '&#33;').replaceAll('services', '&#x73;ervices')],
    ['CDATA sections', (text: string) => text.replace(/>([^<>\s]+)</g, '><![CDATA[$1]]><')],
    ['numbers for truth', (text: string) => text.replace('>true<', '>1<').replaceAll('>false<', '>0<')],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
  ])('reads an answer with %s', async (_, respell) => {
    const { url, heard } = await startLogin((own) => [
      (...all) => soapSession(own(), false, respell)(...all),
      versions,
      ok,
    ])
    const org = await connect(settings(soap(url)), {}, fakeTools())
    await org.send({ method: 'GET', path: 'limits' })
    expect(heard[2]?.headers.authorization).toBe('Bearer 00D000000000001!AQ.secret')

    const expiredPassword = await startLogin((own) => [(...all) => soapSession(own(), true, respell)(...all)])
    const refused = connect(settings(soap(expiredPassword.url)), {}, fakeTools())
    await expect(refused).rejects.toMatchObject({ code: 'PASSWORD_EXPIRED' })
  })

  test('escapes the password, puts the token behind it, and asks a version that still has it', async () => {
    const { url, heard } = await startLogin((own) => [(...all) => soapSession(own())(...all), versions, ok])
    const org = await connect(settings(soap(url)), {}, fakeTools())
    expect(org).toMatchObject({
      name: 'ada@example.com',
      username: 'ada@example.com',
      apiVersion: '66.0',
      instanceUrl: url,
    })
    await org.send({ method: 'GET', path: 'limits' })
    expect(heard.map((request) => request.url)).toEqual([
      '/services/Soap/u/64.0',
      '/services/data/',
      '/services/data/v66.0/limits',
    ])
    expect(heard[0]?.body).toContain('<username>ada@example.com</username>')
    expect(heard[0]?.body).toMatch(/<password>p&lt;&amp;&gt;(&quot;|")'ä T0k3n<\/password>/)
    expect(heard[0]?.headers).toMatchObject({ soapaction: '""' })
    expect(heard[1]?.headers.authorization).toBeUndefined()
    expect(heard[2]?.headers.authorization).toBe('Bearer 00D000000000001!AQ.secret')
    expect(org.usage.apiCalls).toBe(1)
  })

  test('is repeated when the session expires', async () => {
    const { url } = await startLogin((own) => [
      (...all) => soapSession(own())(...all),
      versions,
      () => expired,
      (...all) => soapSession(own())(...all),
      ok,
    ])
    const org = await connect(settings(soap(url)), {}, fakeTools())
    expect((await org.send({ method: 'GET', path: 'limits' })).status).toBe(200)
  })

  test.each([
    ['INVALID_LOGIN', /sandbox user gets this answer at the production host/],
    ['LOGIN_MUST_USE_SECURITY_TOKEN', /SF_SECURITY_TOKEN/],
    ['INVALID_OPERATION', /SF_CLIENT_ID/],
    ['PASSWORD_LOCKOUT', /unlock/],
  ])('refused with %s says what to do, and is not repeated', async (code, hint) => {
    const { url } = await startDialogue([fault(code, 'Ungültige Anmeldung')])
    const failure = await connect(settings(soap(url)), {}, fakeTools()).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AuthError)
    expect(failure).toMatchObject({ code, exitCode: 4, hint: expect.stringMatching(hint) })
    expect(String(failure)).toContain(`refused the login of user ada@example.com: ${code}: Ungültige Anmeldung`)
  })

  test('with an expired password is refused, although Salesforce answers with a session', async () => {
    const { url } = await startDialogue([soapSession('http://127.0.0.1', true)])
    await expect(connect(settings(soap(url)), {}, fakeTools())).rejects.toMatchObject({
      code: 'PASSWORD_EXPIRED',
      exitCode: 4,
    })
  })

  test('is tried again while the service is in maintenance', async () => {
    const { url } = await startLogin((own) => [
      () => ({ status: 503, text: '<html>maintenance</html>' }),
      fault('SERVER_UNAVAILABLE', 'later'),
      (...all) => soapSession(own())(...all),
      versions,
    ])
    await connect(settings(soap(url)), {}, fakeTools())
  })

  test('at a host that is none of Salesforce says so', async () => {
    const { url } = await startDialogue([() => ({ text: '<html>Welcome</html>' })])
    await expect(connect(settings(soap(url)), {}, fakeTools())).rejects.toMatchObject({
      code: 'LOGIN_ANSWER',
      exitCode: 1,
    })
  })

  test('that leads to an unencrypted instance is refused before the session is used', async () => {
    const { url } = await startDialogue([soapSession('http://na1.salesforce.com')])
    await expect(connect(settings(soap(url)), {}, fakeTools())).rejects.toMatchObject({
      code: 'PLAIN_HTTP',
      exitCode: 2,
    })
  })

  test('does not send the password on to where the login host points', async () => {
    const { url } = await startDialogue([() => ({ status: 307, headers: { location: 'https://evil.example/' } })])
    await expect(connect(settings(soap(url)), {}, fakeTools())).rejects.toMatchObject({ code: 'REDIRECTED' })
  })

  test('writes nothing to the terminal by itself', async () => {
    const written: unknown[] = []
    const streams = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((chunk) => written.push(chunk) > 0),
    )
    const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((text) => void written.push(text)),
    )
    const { url } = await startLogin((own) => [(...all) => soapSession(own())(...all), versions])
    await connect(settings(soap(url)), {}, fakeTools())
    for (const spy of [...streams, ...consoles]) spy.mockRestore()
    expect(written).toEqual([])
  })
})

describe('OAuth', () => {
  const client = { clientId: 'id+1', clientSecret: 's&cret=' }

  test('by user name and password sends a form, and is renewed by another one', async () => {
    const { url, heard } = await startLogin((own) => [
      (...all) => token(own(), '00D!one')(...all),
      versions,
      () => expired,
      (...all) => token(own(), '00D!two')(...all),
      ok,
    ])
    const user = { username: 'ada@example.com', password: 'p w+ö', securityToken: 'T' }
    const org = await connect(settings({ flow: 'oauth-password', loginUrl: url, ...client, ...user }), {}, fakeTools())
    await org.send({ method: 'GET', path: 'limits' })
    expect(heard[0]).toMatchObject({ method: 'POST', url: '/services/oauth2/token' })
    expect(Object.fromEntries(new URLSearchParams(heard[0]?.body))).toEqual({
      grant_type: 'password',
      client_id: 'id+1',
      client_secret: 's&cret=',
      username: 'ada@example.com',
      password: 'p w+öT',
    })
    expect(heard[4]?.headers.authorization).toBe('Bearer 00D!two')
  })

  test('by client credentials is known by the host', async () => {
    const { url, heard } = await startLogin((own) => [(...all) => token(own(), '00D!one')(...all), versions])
    const org = await connect(settings({ flow: 'client-credentials', loginUrl: url, ...client }), {}, fakeTools())
    expect(org).toMatchObject({ name: new URL(url).host, username: undefined })
    expect(Object.fromEntries(new URLSearchParams(heard[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'id+1',
      client_secret: 's&cret=',
    })
  })

  test.each([
    ['invalid_grant', 'request not supported on this domain', /My Domain/],
    ['invalid_grant', 'no client credentials user enabled', /Run As/],
    ['invalid_client', 'invalid client credentials', /SF_CLIENT_SECRET/],
  ])('refused with %s, %s, says what to do', async (error, description, hint) => {
    const { url } = await startDialogue([() => ({ status: 400, json: { error, error_description: description } })])
    const failure = connect(settings({ flow: 'client-credentials', loginUrl: url, ...client }), {}, fakeTools())
    await expect(failure).rejects.toMatchObject({
      code: error,
      exitCode: 4,
      message: expect.stringContaining(description),
      hint: expect.stringMatching(hint),
    })
  })
})

describe('the API version', () => {
  const login = (instanceUrl: string): Login => ({ flow: 'access-token', accessToken: '00D!x', instanceUrl })

  test('is the one asked for, if the org has it', async () => {
    const { url } = await startDialogue([versions])
    expect(await connect(settings(login(url), '58.0'), {}, fakeTools())).toMatchObject({
      apiVersion: '58.0',
      name: new URL(url).host,
    })
  })

  test('that the org does not have is a usage error that tells the range', async () => {
    const { url } = await startDialogue([versions])
    const failure = await connect(settings(login(url), '99.0'), {}, fakeTools()).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UsageError)
    expect(failure).toMatchObject({ code: 'API_VERSION', hint: 'It has 58.0 to 67.0.' })
  })

  test.each([200, 404])('cannot be had from a host that is no org (%i)', async (status) => {
    const { url } = await startDialogue([() => ({ status, text: '<html>Shop</html>' })])
    await expect(connect(settings(login(url)), {}, fakeTools())).rejects.toMatchObject({
      code: 'NOT_SALESFORCE',
      exitCode: 1,
    })
  })
})

test('a host that is not reached at first is not waited for', async () => {
  const tools = fakeTools()
  for (const login of [
    soap('http://127.0.0.1:9'),
    { flow: 'access-token', accessToken: 'x', instanceUrl: 'http://127.0.0.1:9' } as const,
  ]) {
    await expect(connect(settings(login), {}, tools)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED', exitCode: 1 })
  }
  expect(tools.pauses).toEqual([])
})

test('the log names each call and no secret', async () => {
  const { url } = await startLogin((own) => [(...all) => soapSession(own())(...all), versions, ok])
  const tools = fakeTools()
  const org = await connect(settings(soap(url)), {}, tools)
  await (await org.send({ method: 'GET', path: 'query?q=SELECT+Id&sid=00D000000000001!AQ.secret' })).text()
  expect(tools.lines).toEqual([
    expect.stringMatching(/^POST \/services\/Soap\/u\/64\.0 200 0 ms, sent \d+, received \d+ bytes$/),
    expect.stringMatching(/^GET \/services\/data\/ 200 0 ms, sent 0, received \d+ bytes$/),
    expect.stringMatching(/^GET \/services\/data\/v66\.0\/query\?q=SELECT\+Id&sid=\*\*\* 200 0 ms/),
  ])
  expect(tools.lines.join('\n')).not.toContain('secret')
})
