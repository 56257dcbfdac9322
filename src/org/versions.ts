import { RunError, UsageError } from '../errors.ts'
import { AnswerError } from './answer-error.ts'
import { type CallTools, call, readText } from './call.ts'
import { type RetryTools, withRetries } from './retry.ts'

/** The newest version that this program has been written against. */
export const newestKnown = 66

/**
 * The version to use: the one asked for, or the newest that both the program and the org know. The list of versions
 * needs no session and is not counted. Throws `UsageError` for a version that the org does not have.
 */
export async function chooseApiVersion(
  instanceUrl: string,
  asked: string | undefined,
  tools: CallTools & RetryTools,
): Promise<string> {
  const versions = await listApiVersions(instanceUrl, tools)
  if (asked !== undefined && versions.includes(Number(asked))) return asked
  const host = new URL(instanceUrl).host
  if (asked !== undefined) {
    throw new UsageError(`${host} does not have API version ${asked}`, {
      code: 'API_VERSION',
      hint: `It has ${Math.min(...versions)}.0 to ${Math.max(...versions)}.0.`,
    })
  }
  const known = versions.filter((version) => version <= newestKnown)
  if (known.length > 0) return `${Math.max(...known)}.0`
  throw new RunError(`${host} has no API version that this program knows`, {
    code: 'API_VERSION',
    hint: `It begins with ${Math.min(...versions)}.0: get a newer sfbulk, or ask for that version by --api-version.`,
  })
}

/** The versions that an org has, ascending; needs no session and is not counted. Throws `RunError` for a host that is no org. */
export async function listApiVersions(instanceUrl: string, tools: CallTools & RetryTools): Promise<number[]> {
  const url = new URL(`${instanceUrl}/services/data/`)
  const text = await withRetries(
    async () => readText((await call({ method: 'GET', url, headers: {} }, tools)).body),
    { repeatable: true, firstContact: true },
    tools,
  ).catch((error: unknown) => {
    throw error instanceof AnswerError && error.status === 404 ? notSalesforce(url) : error
  })
  const versions = parseVersions(text)
  if (versions.length === 0) throw notSalesforce(url)
  return versions
}

function notSalesforce({ host }: URL): RunError {
  return new RunError(`${host} does not answer like a Salesforce org`, {
    code: 'NOT_SALESFORCE',
    hint: 'Check SF_INSTANCE_URL: it is the My Domain of the org, like https://mycompany.my.salesforce.com',
  })
}

function parseVersions(text: string): number[] {
  try {
    const list = JSON.parse(text) as { version?: unknown }[]
    return list.map(({ version }) => Number(version)).filter((version) => version > 0)
  } catch {
    return []
  }
}
