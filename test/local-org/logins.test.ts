import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { logInOtherUser } from '../undo/other-user.ts'
import { refusal } from './bulk-calls.ts'
import { callSoap, sObject } from './soap-calls.ts'

function requestToken({ url }: TestOrg, form: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form), headers })
}

function works({ url }: TestOrg, token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` }
  return fetch(`${url}/services/data/v66.0/`, { headers }).then(({ status }) => status)
}

describe('the token endpoint', () => {
  it('gives a session for user name and password, client credentials, and a refresh token', async () => {
    const org = await startTestOrg()
    const { clientId: client_id, clientSecret: client_secret, username, refreshToken: refresh_token } = org
    const password = org.password + org.securityToken
    for (const form of [
      { grant_type: 'password', client_id, client_secret, username, password },
      { grant_type: 'client_credentials', client_id, client_secret },
      { grant_type: 'refresh_token', client_id, refresh_token },
    ]) {
      const response = await requestToken(org, form)
      const token = (await response.json()) as Record<string, string>
      expect(token).toMatchObject({ instance_url: org.url, token_type: 'Bearer' })
      expect(token.issued_at).toMatch(/^\d{13}$/)
      expect(token.access_token).toMatch(/^00D\w{12}!/)
      expect(await works(org, token.access_token ?? '')).toBe(200)
    }
    const basic = Buffer.from(`${client_id}:${client_secret}`).toString('base64')
    const headers = { Authorization: `Basic ${basic}` }
    expect((await requestToken(org, { grant_type: 'client_credentials' }, headers)).status).toBe(200)
    expect(org.requests.filter(({ path, counted }) => counted && path.includes('oauth2'))).toEqual([])
  })

  it('says what is wrong in the words of OAuth', async () => {
    const org = await startTestOrg()
    const { clientId: client_id, clientSecret: client_secret, username } = org
    const error = async (form: Record<string, string>) => {
      const response = await requestToken(org, form)
      expect(response.status).toBe(400)
      return Object.values((await response.json()) as object)
    }
    const client = { client_id, client_secret }
    expect(await error({ grant_type: 'password', ...client, username, password: 'x' })).toEqual([
      'invalid_grant',
      'authentication failure',
    ])
    expect(await error({ grant_type: 'client_credentials', client_id: 'x', client_secret })).toEqual([
      'invalid_client_id',
      'client identifier invalid',
    ])
    expect(await error({ grant_type: 'client_credentials', client_id, client_secret: 'x' })).toEqual([
      'invalid_client',
      'invalid client credentials',
    ])
    expect(await error({ grant_type: 'refresh_token', ...client, refresh_token: 'x' })).toEqual([
      'invalid_grant',
      'expired access/refresh token',
    ])
    expect(await error({ grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer' })).toEqual([
      'unsupported_grant_type',
      'grant type not supported',
    ])
  })

  it('rotates refresh tokens where that is wanted, and ends them all when an old one is used again', async () => {
    const org = await startTestOrg({ rotateRefreshTokens: true })
    const use = async (refresh_token: string) => {
      const response = await requestToken(org, { grant_type: 'refresh_token', client_id: org.clientId, refresh_token })
      return ((await response.json()) as Record<string, string>).refresh_token ?? response.status
    }
    const second = String(await use(org.refreshToken))
    const third = String(await use(second))
    expect([org.refreshToken, second, third].every((token) => token.startsWith('5Aep861'))).toBe(true)
    expect(await use(second)).toBe(400)
    expect(await use(third)).toBe(400)
  })

  it('revokes a token', async () => {
    const org = await startTestOrg()
    const revoke = () =>
      fetch(`${org.url}/services/oauth2/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ token: org.accessToken }),
      })
    expect((await revoke()).status).toBe(200)
    expect(await works(org, org.accessToken)).toBe(401)
    expect((await revoke()).status).toBe(400)
  })
})

describe('SOAP login', () => {
  async function logIn(
    { url }: TestOrg,
    version: string,
    inner: string,
    headers: Record<string, string> = { SOAPAction: '""' },
  ) {
    const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`
    const response = await fetch(`${url}/services/Soap/u/${version}`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'text/xml', ...headers },
    })
    return { status: response.status, text: await response.text() }
  }

  const login = (username: string, password: string) =>
    `<p:login xmlns:p="urn:partner.soap.sforce.com"><p:username>${username}</p:username><p:password>${password}</p:password></p:login>`

  it('gives a session and the address of the instance', async () => {
    const org = await startTestOrg()
    const { status, text } = await logIn(org, '64.0', login(org.username, org.password + org.securityToken))
    expect(status).toBe(200)
    expect(text).toContain(`<serverUrl>${org.url}/services/Soap/u/64.0/00D`)
    expect(await works(org, /<sessionId>(.*)<\/sessionId>/.exec(text)?.[1] ?? '')).toBe(200)
    expect((await logIn(org, '50', login(org.username, org.password + org.securityToken))).status).toBe(200)
  })

  it.each([
    ['65.0', 'INVALID_OPERATION', 'The SOAP Login operation is not available in the API version specified (65.0)'],
    ['30.0', 'UNSUPPORTED_API_VERSION', 'Invalid Api version'],
    ['64.0', 'INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.'],
  ])('of version %s with a wrong password is a fault: %s', async (version, code, message) => {
    const org = await startTestOrg()
    const { status, text } = await logIn(org, version, login(org.username, 'wrong'))
    expect(status).toBe(500)
    expect(text).toContain(`<faultcode>sf:${code}</faultcode><faultstring>${code}: ${message}`)
    expect(text).toContain(`<sf:exceptionCode>${code}</sf:exceptionCode>`)
  })

  it('is refused without SOAPAction, with a DOCTYPE, and when it is no XML', async () => {
    const org = await startTestOrg()
    const inner = login(org.username, org.password + org.securityToken)
    expect((await logIn(org, '64.0', inner, {})).text).toContain('SOAPAction HTTP header missing')
    expect((await logIn(org, '64.0', `<!DOCTYPE a [<!ENTITY b "c">]>${inner}`)).text).toContain('XML_PARSER_ERROR')
    expect((await logIn(org, '64.0', '<login>')).text).toContain('XML_PARSER_ERROR')
    expect((await logIn(org, '64.0', '<dance/>')).text).toContain('No operation available for request dance')
  })
})

describe('a request without a good session', () => {
  it('is refused with 401 and not counted', async () => {
    const org = await startTestOrg()
    const ask = async (headers: Record<string, string>) =>
      refusal(await fetch(`${org.url}/services/data/v66.0/limits`, { headers }))
    const invalid = { status: 401, errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }
    expect(await ask({})).toEqual(invalid)
    expect(await ask({ Authorization: 'Bearer 00D!x' })).toEqual(invalid)
    expect(await ask({ Authorization: 'Digest x' })).toMatchObject({ errorCode: 'INVALID_AUTH_HEADER' })
    expect(org.countedCalls()).toBe(0)
    expect(await works(org, org.accessToken)).toBe(200)
    expect((await ask({ Authorization: `OAuth ${org.accessToken}` })).status).toBe(200)
  })
})

describe('a user of the org', () => {
  it('logs in by name, and what is written bears that user whatever the API', async () => {
    const org = await startTestOrg()
    const asAda = await logInOtherUser(org)
    const token = asAda.Authorization?.slice('Bearer '.length) ?? ''
    const lead = { LastName: 'L', Company: 'C' }
    await org.call('POST', 'sobjects/Lead', lead, asAda)
    await org.call('POST', 'composite/sobjects', { records: [{ attributes: { type: 'Lead' }, ...lead }] }, asAda)
    await callSoap(org, `<create>${sObject('Lead', lead)}</create>`, { token })
    const soql = 'SELECT CreatedById,LastModifiedById FROM Lead'.replaceAll(' ', '+')
    const { records } = (await (await org.call('GET', `query?q=${soql}`)).json()) as { records: object[] }
    expect(records).toHaveLength(3)
    const info = await fetch(`${org.url}/services/oauth2/userinfo`, { headers: asAda })
    const { user_id: userId, username } = (await info.json()) as Record<string, string>
    expect(username).toBe('ada@example.com')
    for (const record of records) expect(record).toMatchObject({ CreatedById: userId, LastModifiedById: userId })
  })
})
