import type { Fault } from './faults.ts'
import type { RowFaults } from './row-faults.ts'

/** How a local org is started. All but `data` have defaults; what can be sent to a thread is plain data. */
export interface OrgOptions {
  /** SQLite file with records, jobs and secrets; made when it is not there. */
  readonly data: string
  /** Default: any that is free. */
  readonly port?: number | undefined
  /** Folder with further describe JSON files. */
  readonly objectsFolder?: string | undefined
  readonly faults?: readonly Fault[] | undefined
  /** API calls in 24 hours; one more is refused with `REQUEST_LIMIT_EXCEEDED`. Default: 100,000. */
  readonly dailyApiRequests?: number | undefined
  /** Whether the user has the permission "Bulk API Hard Delete". Default: true. */
  readonly hardDelete?: boolean | undefined
  /**
   * `realistic`: a job of more than 2,000 rows is seen `InProgress` by at least one poll. `instant`: a job is shown as
   * complete as soon as it is. Default: realistic.
   */
  readonly speed?: 'realistic' | 'instant' | undefined
  /** Milliseconds that each job stays `InProgress` before its first row is processed. Default: 0. */
  readonly jobDelayMs?: number | undefined
  /** Jobs stay `InProgress` for good, until they are aborted or a process without this option opens the file. */
  readonly neverFinish?: boolean | undefined
  /** Every ingest job fails as a whole after so many rows; the rest is left unprocessed. */
  readonly failJobs?: { readonly afterRows: number; readonly message: string } | undefined
  /** Rows that are locked in passing. Default: none. */
  readonly lockRows?: RowFaults['lockRows']
  /** Most rows of a transaction that the org's triggers have time for. Default: any number. */
  readonly apexRows?: number | undefined
  /** Records that may be inserted before one more is refused with `STORAGE_LIMIT_EXCEEDED`. Default: any number. */
  readonly roomFor?: RowFaults['roomFor']
  /** Rows of each upload (counted from 1) that are written and counted but stand in no result file. */
  readonly omitResults?: readonly number[] | undefined
  /** Order of the uploaded columns in result files. Default: as uploaded. */
  readonly resultColumns?: 'uploaded' | 'alphabetical' | undefined
  /** Rows on a page of Bulk query results when the client names no number. Default: 50,000. */
  readonly pageRows?: number | undefined
  /** Jobs on a page of the list of jobs. Default: 1,000. */
  readonly listRows?: number | undefined
  /** The token endpoint hands out access tokens in the form of a JWT, which SOAP does not take. Default: false. */
  readonly jwtTokens?: boolean | undefined
  /** Counts the writes of each record in the table `org_ledger` of the data file, for tests. Default: false. */
  readonly ledger?: boolean | undefined
  /** Each use of a refresh token gives another in its place; to use the old one again ends all of them. Default: false. */
  readonly rotateRefreshTokens?: boolean | undefined
  /** PEM: the certificate that the app knows for the JWT bearer flow, or a public key. Default: none, no such flow. */
  readonly jwtCertificate?: string | undefined
  /** Where the authorize page may send the browser back to. Default: that of the Salesforce CLI and of sfbulk. */
  readonly callbackUrl?: string | undefined
  /** Told of each request when it has been answered or cut. Not available in a thread. */
  readonly onRequest?: ((request: AnsweredRequest) => void) | undefined
}

export interface AnsweredRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  /** Status answered; 0 when the connection was cut before an answer. */
  readonly status: number
  /** Whether it counted against the daily calls. */
  readonly counted: boolean
}

type Optional = 'objectsFolder' | 'failJobs' | 'lockRows' | 'apexRows' | 'roomFor' | 'jwtCertificate' | 'onRequest'

/** The options with their defaults. */
export type ResolvedOrgOptions = Pick<OrgOptions, Optional> & {
  readonly [Key in Exclude<keyof OrgOptions, Optional>]-?: Exclude<OrgOptions[Key], undefined>
}

export function resolveOrgOptions(options: OrgOptions): ResolvedOrgOptions {
  return {
    data: options.data,
    port: options.port ?? 0,
    objectsFolder: options.objectsFolder,
    faults: options.faults ?? [],
    dailyApiRequests: options.dailyApiRequests ?? 100_000,
    hardDelete: options.hardDelete ?? true,
    speed: options.speed ?? 'realistic',
    jobDelayMs: options.jobDelayMs ?? 0,
    neverFinish: options.neverFinish ?? false,
    failJobs: options.failJobs,
    lockRows: options.lockRows,
    apexRows: options.apexRows,
    roomFor: options.roomFor,
    omitResults: options.omitResults ?? [],
    resultColumns: options.resultColumns ?? 'uploaded',
    pageRows: options.pageRows ?? 50_000,
    listRows: options.listRows ?? 1000,
    jwtTokens: options.jwtTokens ?? false,
    ledger: options.ledger ?? false,
    rotateRefreshTokens: options.rotateRefreshTokens ?? false,
    jwtCertificate: options.jwtCertificate,
    callbackUrl: options.callbackUrl ?? 'http://localhost:1717/OauthRedirect',
    onRequest: options.onRequest,
  }
}

/** How a program connects to a running local org: what `org start --json` prints. */
export interface OrgConnection {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly securityToken: string
  readonly accessToken: string
  readonly clientId: string
  readonly clientSecret: string
}
