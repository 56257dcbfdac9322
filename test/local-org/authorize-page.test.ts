import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'

const callbackUrl = 'http://localhost:1717/OauthRedirect'
const verifier = 'v'.repeat(64)
const challenge = createHash('sha256').update(verifier).digest('base64url')

const asked = ({ clientId }: TestOrg) => ({
  response_type: 'code',
  client_id: clientId,
  redirect_uri: callbackUrl,
  scope: 'api refresh_token',
  state: 's1',
  code_challenge: challenge,
})

/** Sends the form of the page as a user would; gives the parameters that the browser takes to the app. */
async function decide(org: TestOrg, changes: Record<string, string> = {}) {
  const response = await fetch(`${org.url}/services/oauth2/authorize`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ ...asked(org), username: org.username, password: org.password, ...changes }),
  })
  const location = response.headers.get('location')
  return {
    status: response.status,
    text: await response.text(),
    sent: location === null ? {} : Object.fromEntries(new URL(location).searchParams),
  }
}

async function redeem(org: TestOrg, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(`${org.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: org.clientId, ...form }),
  })
  return { status: response.status, ...((await response.json()) as Record<string, string>) }
}

describe('the authorize page', () => {
  it('asks for user name and password and carries along what the app has asked for', async () => {
    const org = await startTestOrg()
    const response = await fetch(`${org.url}/services/oauth2/authorize?${new URLSearchParams(asked(org))}`)
    expect(response.headers.get('content-type')).toContain('text/html')
    const page = await response.text()
    for (const value of Object.values(asked(org))) expect(page).toContain(`value="${value}"`)
    expect(page).toContain('name="password" type="password"')
  })

  it('sends the browser back with a code that is good once, for who has the verifier', async () => {
    const org = await startTestOrg()
    const { status, sent } = await decide(org)
    expect({ status, state: sent.state }).toEqual({ status: 302, state: 's1' })
    const form = { code: sent.code ?? '', redirect_uri: callbackUrl, code_verifier: verifier }
    const token = await redeem(org, form)
    expect(token).toMatchObject({
      status: 200,
      scope: 'api refresh_token',
      access_token: expect.stringMatching(/^00D/),
    })
    expect(token.refresh_token).toMatch(/^5Aep861/)
    expect(await redeem(org, form)).toMatchObject({ status: 400, error_description: 'invalid authorization code' })
  })

  it.each([
    [{ code_verifier: 'w'.repeat(64) }, 'invalid_request'],
    [{ code_verifier: 'short' }, 'invalid_request'],
    [{}, 'invalid_grant'],
    [{ code_verifier: verifier, redirect_uri: 'http://localhost:1/' }, 'redirect_uri_mismatch'],
    [{ code_verifier: verifier, client_secret: 'wrong' }, 'invalid_client'],
  ])('gives nothing for a code with %o', async (changes, error) => {
    const org = await startTestOrg()
    const { sent } = await decide(org)
    expect(await redeem(org, { code: sent.code ?? '', redirect_uri: callbackUrl, ...changes })).toMatchObject({ error })
  })

  it('gives no refresh token to an app that has not asked for one', async () => {
    const org = await startTestOrg()
    const { sent } = await decide(org, { scope: 'api' })
    const token = await redeem(org, { code: sent.code ?? '', redirect_uri: callbackUrl, code_verifier: verifier })
    expect(token.refresh_token).toBeUndefined()
  })

  it('wants the secret of an app that comes without PKCE', async () => {
    const org = await startTestOrg()
    const withoutPkce = async (form: Record<string, string>) => {
      const body = new URLSearchParams({ ...asked(org), username: org.username, password: org.password })
      body.delete('code_challenge')
      const page = await fetch(`${org.url}/services/oauth2/authorize`, { method: 'POST', redirect: 'manual', body })
      const code = new URL(page.headers.get('location') ?? '').searchParams.get('code') ?? ''
      return redeem(org, { code, redirect_uri: callbackUrl, ...form })
    }
    expect(await withoutPkce({})).toMatchObject({ error: 'invalid_client' })
    expect(await withoutPkce({ client_secret: org.clientSecret })).toMatchObject({ status: 200 })
  })

  it('tells the user, and not the app, what is wrong with the app', async () => {
    const org = await startTestOrg()
    expect(await decide(org, { client_id: 'x' })).toMatchObject({ status: 400, sent: {} })
    const { status, text } = await decide(org, { redirect_uri: 'http://evil.example/' })
    expect(status).toBe(400)
    expect(text).toContain('redirect_uri must match configuration')
  })

  it('shows itself again after a wrong password, and tells the app when the user denies', async () => {
    const org = await startTestOrg()
    expect(await decide(org, { password: 'wrong' })).toMatchObject({
      status: 200,
      text: expect.stringContaining('check your username and password'),
    })
    expect((await decide(org, { decision: 'deny' })).sent).toMatchObject({ error: 'access_denied', state: 's1' })
  })
})
