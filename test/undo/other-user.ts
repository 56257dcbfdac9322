import type { TestOrg } from '../support/org.ts'

/** Makes another user of an org, and gives the header of a session that is theirs. */
export async function logInOtherUser(org: TestOrg): Promise<Readonly<Record<string, string>>> {
  const profile = (await (await org.call('GET', 'query?q=SELECT+Id+FROM+Profile')).json()) as {
    readonly records: readonly { readonly Id: string }[]
  }
  const username = 'ada@example.com'
  await org.call('POST', 'sobjects/User', {
    Username: username,
    LastName: 'Ada',
    Email: username,
    Alias: 'ada',
    IsActive: true,
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
    LanguageLocaleKey: 'en_US',
    ProfileId: profile.records[0]?.Id,
  })
  const { url, clientId: client_id, clientSecret: client_secret } = org
  const password = org.password + org.securityToken
  const form = new URLSearchParams({ grant_type: 'password', client_id, client_secret, username, password })
  const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: form })
  const { access_token: token } = (await answer.json()) as { readonly access_token: string }
  return { Authorization: `Bearer ${token}` }
}
