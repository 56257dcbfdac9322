import { ApiError } from '../errors.ts'
import type { Org } from '../org/org.ts'

/** Who is logged in. */
export interface Identity {
  readonly username: string
  /** 15 or 18 characters; empty when the org does not say. */
  readonly organizationId: string
}

/** Asks the org who is logged in; not counted as an API call unless it does not tell. Throws for a session that is no good. Source: Salesforce help, "The UserInfo Endpoint". */
export async function fetchIdentity(org: Org): Promise<Identity> {
  const { host } = new URL(org.instanceUrl)
  try {
    const answer = await org.send({ method: 'GET', path: '/services/oauth2/userinfo' })
    const { preferred_username, organization_id } = await answer.json<Partial<Record<string, string>>>()
    return { username: preferred_username ?? org.username ?? host, organizationId: organization_id ?? '' }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 401) throw error
    // A session whose scope leaves out the identity may be good for everything else: that is asked for in another way.
    await org.send({ method: 'GET', path: '' })
    return { username: org.username ?? host, organizationId: '' }
  }
}
