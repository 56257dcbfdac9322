import { ApiError, ExpectedError } from '../errors.ts'
import { formatCount } from '../format-count.ts'
import { connect, createTools } from '../org/connect.ts'
import type { Org } from '../org/org.ts'
import type { OrgTools } from '../org/request.ts'
import { listApiVersions, newestKnown } from '../org/versions.ts'
import { checkClock, watchDates } from './clock.ts'
import { fetchIdentity } from './identity.ts'
import { checkPermissions } from './permissions.ts'
import type { RemoteSettings } from './read-settings.ts'

/** One thing that was looked at. */
export interface Finding {
  readonly what: string
  /** `note`: works, and will not for good or not for everything. `unknown`: the org does not tell this user. */
  readonly state: 'ok' | 'note' | 'fault' | 'unknown'
  readonly text: string
  /** What to do about it. */
  readonly next?: string | undefined
}

export interface SignInReport {
  readonly findings: readonly Finding[]
  /** Why the org cannot be worked with; undefined when it can. */
  readonly error: ExpectedError | undefined
}

type Settings = Pick<RemoteSettings, 'login' | 'apiVersion' | 'origin' | 'network' | 'title' | 'values' | 'closes'>

/**
 * Tries a login out and looks at everything that decides whether work with the org will go well. Costs two API calls. Each
 * request is tried without pauses, since somebody waits for the answer. What is no expected failure is thrown.
 */
export async function checkSignIn(settings: Settings, log?: (line: string) => void): Promise<SignInReport> {
  const findings: Finding[] = [describeLogin(settings), ...describeWay(settings)]
  const watched = watchDates(createTools({ log, network: settings.network }))
  const tools: OrgTools = { ...watched.tools, pause: async () => undefined }
  try {
    const org = await connect(settings, { log }, tools)
    await checkOrg(org, findings, tools)
    const clock = checkClock(watched.clockAhead())
    return { findings: [...findings, clock], error: undefined }
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    const clock = checkClock(watched.clockAhead())
    const fault: Finding = { what: 'sign-in', state: 'fault', text: error.message, next: error.hint }
    return { findings: [...findings, fault, ...(clock.state === 'note' ? [clock] : [])], error }
  } finally {
    tools.http.close()
  }
}

function describeLogin({ title, values, closes }: Settings): Finding {
  const origins = [...values].map(([name, { origin }]) => `${name} (${origin})`)
  const text = `by ${title}${origins.length > 0 ? `: ${origins.join(', ')}` : ''}`
  if (closes === undefined) return { what: 'login', state: 'ok', text }
  const next = 'change in time to an External Client App: `sfbulk login` in a browser, JWT bearer or client credentials'
  return { what: 'login', state: 'note', text: `${text}; ${closes}`, next }
}

function describeWay({ login, network }: Settings): readonly Finding[] {
  const address = 'loginUrl' in login ? login.loginUrl : 'instanceUrl' in login ? login.instanceUrl : undefined
  if (address === undefined) return []
  const url = new URL(address)
  const proxy = network?.proxyFor(url)
  const way = proxy === undefined ? 'directly' : `through the proxy ${proxy.host} (${proxy.variable})`
  const lock = url.protocol === 'https:' ? 'with TLS, certificates checked' : 'in the clear, on this machine'
  const file = network?.certificateFile
  const trust = file === undefined ? '' : `, with those of ${file} (SFBULK_CA_FILE)`
  return [{ what: 'network', state: 'ok', text: `to ${url.host} ${way}, ${lock}${trust}` }]
}

async function checkOrg(org: Org, findings: Finding[], tools: OrgTools): Promise<void> {
  const limits = await fetchLimits(org)
  const { username, organizationId } = await fetchIdentity(org)
  const who = `as ${username} to ${org.instanceUrl}${organizationId === '' ? '' : `, org ${organizationId}`}`
  findings.push({ what: 'sign-in', state: 'ok', text: who })
  findings.push(await describeVersion(org, tools))
  findings.push(
    org.soapTakesSession
      ? { what: 'SOAP', state: 'ok', text: 'takes the session' }
      : {
          what: 'SOAP',
          state: 'note',
          text: `takes no token in the form of a JWT below API version 67.0; ${org.apiVersion} is in use`,
          next: 'let the app give out opaque access tokens, or use --api bulk; --api auto does by itself',
        },
  )
  findings.push(...(await checkPermissions(org)))
  findings.push(limits)
}

async function describeVersion(org: Org, tools: OrgTools): Promise<Finding> {
  const offered = await listApiVersions(org.instanceUrl, tools)
  const range = `${Math.min(...offered)}.0 to ${Math.max(...offered)}.0`
  const text = `${org.apiVersion} in use; the org offers ${range}, this program knows up to ${newestKnown}.0`
  return { what: 'API version', state: 'ok', text }
}

/** A session that is no good shows here, too: whatever is asked first says so. REST guide, "Limits". */
async function fetchLimits(org: Org): Promise<Finding> {
  const what = 'API calls'
  try {
    const answer = await org.send({ method: 'GET', path: 'limits' })
    const { DailyApiRequests } = await answer.json<Record<string, { Max: number; Remaining: number } | undefined>>()
    if (DailyApiRequests === undefined)
      return { what, state: 'unknown', text: 'the org does not say how many are left' }
    const { Max, Remaining } = DailyApiRequests
    const text = `${formatCount(Remaining)} of ${formatCount(Max)} left today`
    if (Remaining >= Max / 10) return { what, state: 'ok', text }
    return { what, state: 'note', text, next: 'large loads may stop: use --api bulk, --max-api-calls, or wait' }
  } catch (error) {
    if (
      !(error instanceof ApiError) ||
      error.status !== 403 ||
      !/^(FUNCTIONALITY_NOT_ENABLED|INSUFFICIENT_ACCESS|FORBIDDEN)/.test(error.errorCode)
    )
      throw error
    const next = 'give the user the permission “View Setup and Configuration” to see them'
    return { what, state: 'unknown', text: 'this user may not read the limits of the org', next }
  }
}
