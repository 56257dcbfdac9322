import { readSettings, type TargetOrg } from '../connections/read-settings.ts'
import { connect } from '../org/connect.ts'
import type { Org } from '../org/org.ts'
import { type ConnectionSettings, sfbulkHome } from '../org/settings.ts'
import type { Io } from './command.ts'
import { explainOpening, localCacheFolder, localOrgFile } from './local-org-file.ts'

/** What `--target-org`, `--api-version` and the environment say, and who is told of HTTP calls. */
export interface OrgChoice {
  readonly options: {
    readonly targetOrg: string | undefined
    readonly apiVersion: string | undefined
    /** False: descriptions are asked for anew. */
    readonly cache?: boolean | undefined
    readonly maxApiCalls?: number | undefined
    readonly reserve?: number | undefined
  }
  readonly io: Io
  /** Takes the lines of `--verbose`; none without it. */
  readonly log: ((line: string) => void) | undefined
  /** Most bytes that a connection reads at once; see `HttpOptions`. */
  readonly readBytes?: number | undefined
  /** Whether SOQL will be asked, so that the built-in org makes itself ready for it at once. Default: it is only if it comes to that. */
  readonly asksQueries?: boolean | undefined
}

/**
 * Connects to the org that was chosen, does the work, and closes the connection whatever the work comes to. The built-in
 * org is started for as long as the work lasts. Throws what `readSettings` and `connect` throw.
 */
export async function withOrg<Result>(choice: OrgChoice, work: (org: Org) => Promise<Result>): Promise<Result> {
  const target = await readSettings(choice.options, {
    environment: choice.io.environment,
    folder: choice.io.folder,
    log: choice.log,
  })
  if (target.kind === 'remote') return await withConnection(target, { name: target.name }, choice, work)

  const cacheFolder = localCacheFolder(localOrgFile(undefined, choice.io), choice.io)
  return await withLocalOrg(
    target,
    choice.io,
    (settings) => withConnection(settings, { name: 'local', cacheFolder }, choice, work),
    choice.asksQueries,
  )
}

/** Starts the built-in org for as long as the work lasts, which gets the settings of a connection to it. */
export async function withLocalOrg<Result>(
  target: Extract<TargetOrg, { kind: 'local' }>,
  io: Io,
  work: (settings: ConnectionSettings) => Promise<Result>,
  asksQueries = false,
): Promise<Result> {
  const { startOrgInThread } = await import('../local-org/start-in-thread.ts')
  const file = localOrgFile(undefined, io)
  const local = await startOrgInThread({ data: file, asksQueries }).catch((error: unknown) => {
    throw explainOpening(file, error)
  })
  const { accessToken, url: instanceUrl } = local
  try {
    return await work({ ...target, login: { flow: 'access-token', accessToken, instanceUrl } })
  } finally {
    await local.close()
  }
}

async function withConnection<Result>(
  settings: ConnectionSettings,
  { name, cacheFolder }: { readonly name?: string | undefined; readonly cacheFolder?: string },
  { log, options, io, readBytes }: OrgChoice,
  work: (org: Org) => Promise<Result>,
): Promise<Result> {
  const { cache, maxApiCalls, reserve: reservePercent } = options
  const org = await connect(settings, {
    name,
    log,
    readBytes,
    callLimits: { maxApiCalls, reservePercent },
    // Only an answer tells how many calls the org has left, so that with a reserve one is asked for before rows are sent.
    describeCache: {
      home: sfbulkHome(io.environment),
      folder: cacheFolder,
      fresh: cache === false || reservePercent !== undefined,
    },
  })
  try {
    return await work(org)
  } finally {
    await org.close()
  }
}

/** Writes the lines of `--verbose` to stderr when it was given. */
export function logTo({ stderr }: Io, verbose: boolean | undefined): ((line: string) => void) | undefined {
  return verbose === true ? (line) => void stderr.write(`${line}\n`) : undefined
}
