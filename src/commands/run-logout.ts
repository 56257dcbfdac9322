import { savedConnections } from '../connections/read-settings.ts'
import { tokenKey } from '../connections/refresh-tokens.ts'
import { revokeToken } from '../connections/revoke-token.ts'
import { unknownAlias } from '../connections/unknown-alias.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { readNetworkSettings } from '../org/network-settings.ts'
import type { CommandCall } from './command.ts'
import { browserTitle } from './login-in-browser.ts'
import type { logoutOptions } from './logout.ts'
import type { OptionValues } from './option.ts'
import { logTo } from './with-org.ts'

/** Forgets a saved connection. Its token is revoked where the login made it; an org that does not answer does not hinder. */
export async function run(call: CommandCall<OptionValues<typeof logoutOptions>>): Promise<ExitCode> {
  const { options, io } = call
  const [alias = ''] = call.arguments
  const store = savedConnections(io.environment)
  const revocation = await store.change(async (stored, keep) => {
    const connection = Object.hasOwn(stored.connections, alias) ? stored.connections[alias] : undefined
    if (connection === undefined) throw unknownAlias(alias, Object.keys(stored.connections))
    const secrets = await store.secretsOf(alias, connection).catch(() => undefined)
    const first = connection.title === browserTitle ? secrets?.SF_REFRESH_TOKEN : undefined
    const key = first === undefined ? undefined : tokenKey(first)
    const isRotated = key !== undefined && Object.hasOwn(stored.rotated, key)
    const token = isRotated ? await store.rotatedToken(key, stored).catch(() => first) : first
    await keep(await store.without(alias, key, stored))
    const host = connection.variables.SF_LOGIN_URL ?? connection.instanceUrl
    return token === undefined ? undefined : { host, token }
  })
  const http = { log: logTo(io, options.verbose), network: readNetworkSettings(io.environment) }
  const isRevoked = revocation !== undefined && (await revokeToken(revocation, http))
  const remains = revocation !== undefined && !isRevoked
  if (remains) io.stderr.write(`the org did not revoke the token of ${alias}: it stays good there until it expires\n`)
  if (options.json) io.stdout.write(`${JSON.stringify({ alias, revoked: isRevoked })}\n`)
  else if (!options.quiet) io.stderr.write(`${alias} is forgotten${isRevoked ? ', and its token revoked' : ''}\n`)
  return exitCodes.done.code
}
