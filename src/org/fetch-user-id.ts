import type { Org } from './org.ts'

/**
 * The first 15 characters of the Id of the session's user; undefined where the org does not tell. Source: "Identity URLs",
 * "User Info Endpoint". It is no API call.
 */
export async function fetchUserId(org: Pick<Org, 'send'>, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await org.send({ method: 'GET', path: '/services/oauth2/userinfo', signal })
    const { user_id: id } = await answer.json<{ readonly user_id?: unknown }>()
    return typeof id === 'string' && id.length >= 15 ? id.slice(0, 15) : undefined
  } catch (error) {
    if (signal.aborted) throw error
    return undefined
  }
}
