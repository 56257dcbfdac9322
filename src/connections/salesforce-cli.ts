import { spawn } from 'node:child_process'
import { AuthError, type ExpectedError, RunError, UsageError } from '../errors.ts'
import type { Session } from '../org/session.ts'

/** A login of the Salesforce CLI, with what it says of itself. */
export interface CliSession extends Session {
  readonly username: string | undefined
}

export interface CliTools {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
  /** Takes a line for each call of the CLI. */
  readonly log?: ((line: string) => void) | undefined
}

/**
 * Asks the Salesforce CLI for a session of one of its logins; it renews the session before it answers. Since May 2026
 * `sf org display` shows no token but a text that begins with `[REDACTED]`, and `sf org auth show-access-token` does;
 * before that it was the other way round. Source: plugin-org, `org display`, `org auth show-access-token`.
 *
 * Throws `UsageError` when there is no such login or no CLI, `AuthError` when its login has ended.
 * @param alias empty for the default org of the CLI
 */
export async function askSalesforceCli(alias: string, tools: CliTools): Promise<CliSession> {
  const target = alias === '' ? [] : ['--target-org', alias]
  const shown = await runCli(['org', 'display', ...target, '--json'], alias, tools)
  const { instanceUrl, username, connectedStatus } = shown
  if (connectedStatus !== undefined && connectedStatus !== 'Connected') throw loginEnded(alias, connectedStatus)
  if (instanceUrl === undefined || !URL.canParse(instanceUrl)) throw noAnswer('names no instance')
  const accessToken = isToken(shown.accessToken)
    ? shown.accessToken
    : (await runCli(['org', 'auth', 'show-access-token', ...target, '--json'], alias, tools)).accessToken
  if (!isToken(accessToken)) throw noToken(alias)
  return { accessToken, instanceUrl: new URL(instanceUrl).origin, username }
}

/** A text such as `[REDACTED] Use 'sf org auth show-access-token' to view` stands where a token stood. */
function isToken(text: string | undefined): text is string {
  return text !== undefined && text !== '' && !/^\[REDACTED\]|\s/.test(text)
}

type CliResult = Readonly<Partial<Record<'accessToken' | 'instanceUrl' | 'username' | 'connectedStatus', string>>>

/** With `--json`, success and failure alike are an object on stdout. */
async function runCli(words: readonly string[], alias: string, tools: CliTools): Promise<CliResult> {
  tools.log?.(`asking the Salesforce CLI: sf ${words.join(' ')}`)
  const stdout = await collectOutput(words, tools)
  const answer = parseAnswer(stdout)
  if (answer.status === 0 && typeof answer.result === 'object') return answer.result
  throw explainFailure(answer, alias)
}

interface CliAnswer {
  readonly status?: number
  readonly name?: string
  readonly message?: string
  readonly result?: CliResult
}

/** Updates and warnings may stand around the object. */
function parseAnswer(stdout: string): CliAnswer {
  try {
    return JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1)) as CliAnswer
  } catch {
    throw noAnswer('answered with something other than JSON')
  }
}

/** Starting the CLI takes seconds; a terminal question of its own would have no one to answer it. */
const longestRun = 120_000

async function collectOutput(words: readonly string[], tools: CliTools): Promise<string> {
  // Its own default would be hidden by a name that means a login of this program.
  const { SF_TARGET_ORG: _, ...env } = tools.environment
  const isWindows = process.platform === 'win32'
  const child = spawn(isWindows ? `sf ${words.join(' ')}` : 'sf', isWindows ? [] : words, {
    cwd: tools.folder,
    env: { ...env, SF_SKIP_NEW_VERSION_CHECK: 'true', SF_AUTOUPDATE_DISABLE: 'true' },
    stdio: ['ignore', 'pipe', 'ignore'],
    // There `sf` is a script, which only a shell starts; the alias has been checked to hold nothing that a shell reads.
    shell: isWindows,
  })
  // The timeout of `spawn` would outlive a program that cannot be started.
  const timer = setTimeout(() => child.kill(), longestRun)
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  return await new Promise<string>((resolve, reject) => {
    child.once('error', (error) => reject(notStarted(error)))
    child.once('close', (code, signal) => {
      const text = Buffer.concat(pieces).toString()
      if (signal !== null) reject(noAnswer('did not answer within two minutes'))
      else if (code === 127 && text === '') reject(notStarted(Object.assign(new Error(), { code: 'ENOENT' })))
      else resolve(text)
    })
  }).finally(() => clearTimeout(timer))
}

/** Whether a name can be handed to the CLI: a user name, or an alias as it allows them. */
export function isCliName(name: string): boolean {
  return /^[\w.@+-]+$/.test(name) && !name.startsWith('-')
}

function notStarted(error: NodeJS.ErrnoException): ExpectedError {
  if (error.code !== 'ENOENT') {
    return new RunError(`the Salesforce CLI cannot be started: ${error.message}`, { code: 'SALESFORCE_CLI' })
  }
  return new UsageError('The Salesforce CLI (sf) is not installed', {
    code: 'UNKNOWN_ORG',
    hint: 'Install it, or save a connection with `sfbulk login --alias <name>`.',
  })
}

/** Names of errors: sfdx-core's `AuthInfo` and `Org`; `requiredOrg` of sf-plugins-core. */
function explainFailure({ name = '', message = '' }: CliAnswer, alias: string): ExpectedError {
  if (/is not a sf command/.test(message)) return noToken(alias)
  const said = message.split('\n', 1)[0] ?? ''
  if (/NoDefaultEnv/.test(name)) {
    return new UsageError('The Salesforce CLI has no default org', {
      code: 'UNKNOWN_ORG',
      hint: 'Set one with `sf config set target-org <alias>`, or name a login: --target-org <alias>',
    })
  }
  if (/NamedOrgNotFound|AuthInfoCreation|NoAuthInfo/.test(name)) {
    return new UsageError(`The Salesforce CLI has no login named ${quote(alias)}`, {
      code: 'UNKNOWN_ORG',
      hint: '`sf org list` shows those that it has.',
    })
  }
  if (
    /RefreshTokenAuth|ExpiredAccessToken|invalid_grant|INVALID_SESSION|AuthError|noAccessToken/i.test(`${name} ${said}`)
  ) {
    return loginEnded(alias, said || name)
  }
  return new AuthError(`The Salesforce CLI gives no session for ${quote(alias)}: ${said || name || 'no reason'}`, {
    code: name || 'SALESFORCE_CLI',
    hint: `See what it says by itself: sf org display${alias === '' ? '' : ` --target-org ${alias}`}`,
  })
}

function loginEnded(alias: string, said: string): AuthError {
  const name = alias === '' ? '' : ` --alias ${alias}`
  return new AuthError(`The login ${quote(alias)} of the Salesforce CLI has ended: ${said}`, {
    code: 'CLI_LOGIN_ENDED',
    hint: `Log in again: sf org login web${name}`,
  })
}

/** One version shows no token any more, and does not know yet the command that does. */
function noToken(alias: string): AuthError {
  return new AuthError(`The Salesforce CLI shows no access token for ${quote(alias)}`, {
    code: 'CLI_NO_TOKEN',
    hint: 'Bring it up to date: sf update. Or save a connection here: sfbulk login',
  })
}

function noAnswer(what: string): RunError {
  return new RunError(`the Salesforce CLI ${what}`, {
    code: 'SALESFORCE_CLI',
    hint: 'Check `sf --version`; `sf update` brings the newest. Or save a connection here: sfbulk login',
  })
}

function quote(alias: string): string {
  return alias === '' ? 'of its default org' : JSON.stringify(alias)
}
