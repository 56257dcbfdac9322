import { ApiError } from '../errors.ts'
import type { Org } from '../org/org.ts'

/** Who is logged in. */
export interface Identity {
  readonly username: string
  /** 15 or 18 characters; empty when the org does not say. */
  readonly organizationId: string
}

/** Asks the org who is logged in; not counted as an API call. Source: Salesforce help, "The UserInfo Endpoint". */
export async function fetchIdentity(org: Org): Promise<Identity> {
  const { host } = new URL(org.instanceUrl)
  try {
    const answer = await org.send({ method: 'GET', path: '/services/oauth2/userinfo' })
    const { preferred_username, organization_id } = await answer.json<Partial<Record<string, string>>>()
    return { username: preferred_username ?? org.username ?? host, organizationId: organization_id ?? '' }
  } catch (error) {
    // A session whose scope leaves out the identity is good for everything else.
    if (!(error instanceof ApiError) || ![403, 404].includes(error.status)) throw error
    return { username: org.username ?? host, organizationId: '' }
  }
}
