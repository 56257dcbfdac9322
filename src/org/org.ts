import type { Readable } from 'node:stream'
import type { CallLimits } from './budget.ts'
import type { ObjectDescription } from './object-description.ts'

/** One request to the org's instance. */
export interface OrgRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute path with query (`/services/data/v66.0/…`), or below the version when it does not begin with `/services`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /**
   * What is sent. A function is asked anew each time the request is sent (again after a renewed session), with the
   * access token, which SOAP wants inside the body; a body that can be given only once is sent once, and a failure then
   * reaches the caller.
   */
  readonly body?: string | Buffer | ((accessToken: string) => Buffer | AsyncIterable<Uint8Array>) | undefined
  /**
   * Whether sending it twice does no harm, so that it may be repeated after a lost connection or a 5xx answer.
   * Default: true for GET, PUT, DELETE; false for POST and PATCH.
   */
  readonly repeatable?: boolean
  readonly signal?: AbortSignal | undefined
}

/** An answer with a status below 400. Its body must be read to the end or destroyed. */
export interface OrgResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Unpacked. Ends with an error when it was cut short (content length, chunk framing or gzip trailer missing). */
  readonly body: Readable
  text(): Promise<string>
  json<T>(): Promise<T>
}

/** What a connection has cost so far. */
export interface Usage {
  /** Requests that count against the org's daily allocation: not logins, tokens or the list of versions. */
  apiCalls: number
  /** Bytes of request bodies. */
  bytesSent: number
  /** Bytes of answers as they came over the wire, headers included. */
  bytesReceived: number
  /**
   * The org's own count, from the `Sforce-Limit-Info` header: calls used of calls allowed today. `told`: calls of this
   * connection when it was told, since not every answer does.
   */
  orgCalls?: { readonly used: number; readonly max: number; readonly told?: number }
  /** What the org's clock said with its last answer, in the `Date` header: milliseconds since 1970, in whole seconds. */
  orgClock?: number
}

/** A connection to an org: authorised, renewed when its session ends, retried where that is safe, counted. */
export interface Org {
  /** For messages and run records: the alias, or the user name, or the instance's host. */
  readonly name: string
  readonly instanceUrl: string
  readonly username: string | undefined
  /** Whether the connection was saved as protected: no write without a yes, typed or given by `--yes`. */
  readonly isProtected: boolean
  /** `66.0`: the newest that the program and the org both know, or the one asked for. */
  readonly apiVersion: string
  readonly usage: Usage
  readonly callLimits: CallLimits
  /** API calls that may still be made, those on their way counted; infinite without a limit. */
  callsLeft(): number
  /** Whether the SOAP API takes the session: below version 67.0 it refuses JSON Web Tokens. */
  readonly soapTakesSession: boolean
  /**
   * Throws `ApiError` for an answer of 400 and above, `AuthError` when the session cannot be renewed, `RunError` when the
   * host is not reached, `UnfinishedError` with code `CALL_LIMIT` when no call is left.
   */
  send(request: OrgRequest): Promise<OrgResponse>
  /**
   * Description of an object; asked once a run at most, and not at all where it is kept from an earlier one, unless it must
   * be `fresh`. Throws `UsageError` with the nearest names for an unknown object.
   */
  describe(object: string, options?: { readonly fresh?: boolean }): Promise<ObjectDescription>
  /** Folder for what is kept from one run to the next for this user of this org; undefined where nothing is. */
  readonly cacheFolder?: string | undefined
  /** Says that what is known of an object is out of date. */
  forgetDescription(object: string): Promise<void>
  close(): Promise<void>
}
