import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { callSoap, type SoapOptions, sObject } from './soap-calls.ts'

const illegalSession =
  'sf:INVALID_SESSION_ID INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session'

function askUser(org: TestOrg, options: SoapOptions = {}) {
  return callSoap(org, '<getUserInfo/>', options)
}

async function tokenOf({ url, clientId, clientSecret }: TestOrg): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const response = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
  return ((await response.json()) as { access_token: string }).access_token
}

describe('a session', () => {
  it('is the access token of REST, and ends with logout', async () => {
    const org = await startTestOrg()
    const token = await tokenOf(org)
    expect((await askUser(org, { token })).results).toMatchObject([
      { userName: org.username, organizationName: 'Local Org' },
    ])
    expect(await callSoap(org, '<logout/>', { token })).toMatchObject({ status: 200, fault: '' })
    expect(await askUser(org, { token })).toMatchObject({ status: 500, fault: illegalSession })
    expect((await callSoap(org, '<logout/>', { token })).fault).toBe(illegalSession)
    expect(org.countedCalls()).toBe(1)
  })

  it('ends when a fault asks for it', async () => {
    const org = await startTestOrg({ faults: [{ path: '/Soap/u/', nth: 2, sessionExpired: true }] })
    expect((await askUser(org)).fault).toBe('')
    expect((await askUser(org)).fault).toBe(illegalSession)
    expect((await org.call('GET', 'limits')).status).toBe(401)
  })

  it('of a token in the form of a JWT is good for REST and not for SOAP', async () => {
    const org = await startTestOrg({ jwtTokens: true })
    const token = await tokenOf(org)
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    const headers = { Authorization: `Bearer ${token}` }
    expect((await fetch(`${org.url}/services/data/v66.0/limits`, { headers })).status).toBe(200)
    expect((await askUser(org, { token })).fault).toBe(illegalSession)
    expect((await askUser(org)).fault).toBe('')
  })
})

describe('a call', () => {
  it('counts against the daily calls, also one that fails', async () => {
    const org = await startTestOrg({ dailyApiRequests: 2 })
    await askUser(org)
    await callSoap(org, '<query><queryString>x</queryString></query>')
    expect((await askUser(org)).fault).toBe(
      'sf:REQUEST_LIMIT_EXCEEDED REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.',
    )
  })

  it('may be packed with gzip', async () => {
    const org = await startTestOrg()
    const options = { headers: { 'Content-Encoding': 'gzip' }, pack: (text: string) => Uint8Array.from(gzipSync(text)) }
    expect((await askUser(org, options)).results).toMatchObject([{ userName: org.username }])
    const broken = { ...options, pack: (text: string) => Uint8Array.from(Buffer.from(text)) }
    expect((await askUser(org, broken)).status).toBe(500)
  })

  it('is at most 50 MB', async () => {
    const org = await startTestOrg()
    const { status, fault } = await callSoap(org, `<getUserInfo>${' '.repeat(50 * 1024 * 1024)}</getUserInfo>`)
    expect(status).toBe(500)
    expect(fault).toBe(
      'sf:EXCEEDED_MAX_SIZE_REQUEST EXCEEDED_MAX_SIZE_REQUEST: Maximum size of request reached. Maximum size of request is 52428800 bytes.',
    )
  })

  it('is XML without declarations of its own, without unknown entities, without characters that XML has no place for', async () => {
    const org = await startTestOrg()
    const name = (text: string) => callSoap(org, `<create>${sObject('Account', { Name: text })}</create>`)
    for (const text of ['&nbsp;', '&b', '\x01', '<![CDATA[x', '&#0;', '&#x110000;']) {
      expect((await name(text)).fault).toContain('XML_PARSER_ERROR')
    }
    const declared = {
      pack: (text: string) =>
        Uint8Array.from(Buffer.from(text.replace('?>', '?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]>'))),
    }
    expect((await askUser(org, declared)).fault).toContain('XML_PARSER_ERROR')
    expect(await org.call('GET', 'limits/recordCount?sObjects=Account').then((answer) => answer.json())).toMatchObject({
      sObjects: [{ count: 0 }],
    })
  })

  it('keeps every character of a text, however it is written', async () => {
    const org = await startTestOrg()
    const long = 'lang &amp; breit '.repeat(1000)
    const fields = { Name: '&#65;&#x1F600;&quot;&apos;<![CDATA[<&]]> ü', Description: `${long}<![CDATA[ > ]]>\r\nend` }
    await callSoap(org, `<create>${sObject('Account', fields)}</create>`)
    const answer = await org.call('GET', `query?q=${encodeURIComponent('SELECT Name, Description FROM Account')}`)
    expect(await answer.json()).toMatchObject({
      records: [{ Name: 'A😀"\'<& ü', Description: `${'lang & breit '.repeat(1000)} > \nend` }],
    })
  })

  it('names the API in a version that is served', async () => {
    const org = await startTestOrg()
    for (const version of ['30.0', '67.0', 'x']) {
      expect((await askUser(org, { version })).fault).toContain('sf:UNSUPPORTED_API_VERSION')
    }
    expect((await askUser(org, { version: '31.0/00D000000000000' })).fault).toBe('')
  })
})
