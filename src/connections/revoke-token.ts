import { call } from '../org/call.ts'
import { createTools } from '../org/connect.ts'

/**
 * Ends a refresh token, and the sessions that it has opened. False when the org does not answer, or not with a yes. Source:
 * Salesforce help, "Revoke OAuth Tokens".
 */
export async function revokeToken(
  { host, token }: { readonly host: string; readonly token: string },
  options: Parameters<typeof createTools>[0],
): Promise<boolean> {
  const tools = createTools(options)
  tools.redactor.protect(token)
  try {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams({ token }).toString()
    const answer = await call({ method: 'POST', url: new URL(`${host}/services/oauth2/revoke`), headers, body }, tools)
    answer.body.destroy()
    return true
  } catch {
    return false
  } finally {
    tools.http.close()
  }
}
