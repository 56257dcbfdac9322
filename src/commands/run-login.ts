import { fetchIdentity } from '../connections/identity.ts'
import { type NamedLogin, readApiVersion, savedConnections, settleLogin } from '../connections/read-settings.ts'
import { checkAlias, saveConnection } from '../connections/save-connection.ts'
import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { connect } from '../org/connect.ts'
import { hasLogin } from '../org/login-flows.ts'
import { checkLogin } from './check-login.ts'
import type { CommandCall, CommandResult } from './command.ts'
import type { loginOptions } from './login.ts'
import { browserLogin, wantsBrowser } from './login-in-browser.ts'
import { loginValues } from './login-values.ts'
import type { OptionValues } from './option.ts'
import { logTo } from './with-org.ts'

export type LoginCall = CommandCall<OptionValues<typeof loginOptions>>

/** Logs in, sees who that is, and saves the connection. */
export async function run(call: LoginCall): Promise<CommandResult> {
  const { options, io } = call
  if (options.check === true) return await checkLogin(call)
  if (options.targetOrg !== undefined) {
    throw new UsageError('--target-org goes with --check', { hint: 'a new connection gets its name by --alias' })
  }
  if (options.alias !== undefined) checkAlias(options.alias)
  const values = await loginValues(call)
  const inBrowser = wantsBrowser(values, call)
  if (!inBrowser && !hasLogin(values)) throw noWayIn()
  const named = inBrowser ? await browserLogin(values, call) : settleLogin(values, io)
  const { username, organizationId, instanceUrl } = await tryOut(named, call)

  const alias = options.alias ?? username
  checkAlias(alias)
  const { title } = named
  const facts = { username, organizationId, instanceUrl, title, protected: options.protected === true }
  const store = savedConnections(io.environment)
  const secretsIn = await saveConnection(store, alias, named.values, facts, io.folder)
  if (options.json) {
    const account = { alias, username, organizationId, instanceUrl, login: title, protected: facts.protected }
    io.stdout.write(`${JSON.stringify({ ...account, secretsIn, file: store.path })}\n`)
  }
  if (options.quiet) return exitCodes.done.code
  const place = secretsIn === 'keychain' ? 'the keychain' : store.path
  io.stderr.write(`logged in as ${username} to ${instanceUrl} by ${title}\n`)
  io.stderr.write(`saved as ${alias}, its secrets in ${place}; use it with -o ${alias}\n`)
  if (named.closes !== undefined) io.stderr.write(`this login has an end: ${named.closes}\n`)
  if (named.login.flow === 'access-token') io.stderr.write('an access token ends within hours and cannot be renewed\n')
  return exitCodes.done.code
}

function noWayIn(): UsageError {
  return new UsageError('Nothing says how to log in', {
    code: 'NO_LOGIN',
    hint: [
      'In a browser: sfbulk login --web --client-id <consumer key of an app>',
      'By password: sfbulk login --username <name>',
      'By anything else: set the SF_… variables in the environment or a .env file, or send them by --stdin.',
    ].join('\n'),
  })
}

/** Uses the login once: what does not work is not saved. */
async function tryOut(named: NamedLogin, { options, io }: LoginCall) {
  const apiVersion = readApiVersion(options.apiVersion)
  const org = await connect({ ...named, apiVersion }, { log: logTo(io, options.verbose) })
  try {
    return { ...(await fetchIdentity(org)), instanceUrl: org.instanceUrl }
  } finally {
    await org.close()
  }
}
