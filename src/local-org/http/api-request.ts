import { createGunzip } from 'node:zlib'
import { Refusal } from './refusal.ts'

/** Who is asking. */
export interface Session {
  readonly token: string
  readonly userId: string
}

/** One request as a handler sees it: routed, authorised, its body not yet read. */
export interface ApiRequest {
  readonly method: string
  /** Path without its query, as it came. */
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Parts of the path that the route names, percent-decoded. */
  readonly params: Readonly<Record<string, string>>
  /** Number of the API version in the path; 0 for a path without one. */
  readonly version: number
  /** Empty for a route that asks for no session. */
  readonly session: Session
  /** Whether the session is to end before the call is answered: a fault that was asked for. */
  readonly sessionExpired: boolean
  /**
   * Counts the call against the daily ones, for a route that finds the session in the body. Throws a refusal when none
   * are left.
   */
  count(): void
  /** The body as it comes over the wire, once. */
  bytes(): AsyncIterable<Buffer>
}

/** Salesforce takes no REST request above 50 MB. */
const largestBody = 50 * 1024 * 1024

/** The body as text, unpacked when it was sent with gzip. */
export async function readText(request: ApiRequest): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  // What is too much is read all the same, since a client that is still sending would not see the answer; a packed body
  // has come whole by now.
  for await (const piece of unpack(request)) {
    size += piece.length
    if (size <= largestBody) pieces.push(piece)
    else if (request.headers['content-encoding'] === 'gzip') break
  }
  if (size > largestBody) throw new Refusal(413, 'REQUEST_TOO_LARGE', 'The request is larger than 50 MB')
  return Buffer.concat(pieces).toString('utf8')
}

/** The body as a JSON object. Throws a refusal with Salesforce's `JSON_PARSER_ERROR` for anything else. */
export async function readJsonObject(request: ApiRequest): Promise<Record<string, unknown>> {
  const value = await readJson(request)
  if (!isObject(value))
    throw new Refusal(400, 'JSON_PARSER_ERROR', 'A JSON object was expected at the root of the body')
  return value
}

export async function readJson(request: ApiRequest): Promise<unknown> {
  const contentType = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(contentType)) {
    throw new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', `Content type ${contentType || '(none)'} not supported`)
  }
  return parseJson(await readText(request))
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refusal(400, 'JSON_PARSER_ERROR', error instanceof Error ? error.message : String(error))
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unpack(request: ApiRequest): AsyncIterable<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return request.bytes()
  if (encoding !== 'gzip') {
    throw new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', `Content-Encoding ${encoding} not supported`)
  }
  return gunzip(request.bytes())
}

async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of packed) pieces.push(piece)
  const gunzipper = createGunzip()
  gunzipper.end(Buffer.concat(pieces))
  try {
    for await (const piece of gunzipper) yield piece
  } catch {
    throw new Refusal(400, 'JSON_PARSER_ERROR', 'The body is not the gzip data that Content-Encoding says')
  }
}
