import type { Readable } from 'node:stream'
import { ExpectedError, RunError } from '../errors.ts'
import { parseRefusal } from './answer-error.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts'
import type { Redactor } from './redact.ts'

/** Takes the line for one HTTP call. */
export type LogCall = (line: string) => void

export interface CallTools {
  readonly http: HttpClient
  readonly redactor: Redactor
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told of each HTTP call, secrets struck out. */
  readonly log?: LogCall | undefined
}

/** Told of a call's outcome, whatever it is, before the outcome is judged. */
export interface CallObserver {
  answered(answer: HttpAnswer): void
  failed(error: unknown): void
}

/**
 * Sends one request, once, and logs it. Throws `AnswerError` for an answer of 400 and above, `RunError` for a redirect,
 * `NetworkError` when there is no answer.
 */
export async function call(request: HttpRequest, tools: CallTools, observer?: CallObserver): Promise<HttpAnswer> {
  const begun = tools.now()
  const answer = await tools.http.send(request).catch((error: unknown) => {
    observer?.failed(error)
    log(request, error instanceof ExpectedError ? error.code : 'broke off', begun, tools)
    throw error
  })
  observer?.answered(answer)
  answer.body.once('close', () => log(request, `${answer.status}`, begun, tools, answer))
  if (answer.status >= 400) {
    const { status, headers } = answer
    const text = await readBeginning(answer.body)
    throw parseRefusal({ status, headers, text, host: request.url.host }, tools.redactor.redact)
  }
  if (redirects.has(answer.status)) {
    answer.body.destroy()
    throw redirected(answer.headers.location, request.url)
  }
  return answer
}

/** A body that is known to be small, as text. */
export async function readText(body: Readable): Promise<string> {
  return (await readWhole(body)).toString()
}

/** A body in memory. Throws `RunError` when it is larger than any answer should be. */
export async function readWhole(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > mostWholeBytes) throw tooLarge()
  }
  return Buffer.concat(chunks)
}

/** The largest answers that are read whole are pages of 2,000 records with long texts. */
const mostWholeBytes = 256 << 20

function tooLarge(): RunError {
  return new RunError(`an answer of the org is larger than ${mostWholeBytes >> 20} MiB`, {
    code: 'ANSWER_TOO_LARGE',
    hint: 'select fewer long texts, or read the query by Bulk: --api bulk',
  })
}

/** Answers that point elsewhere; 300 and 304 are answers of the API itself. */
const redirects = new Set([301, 302, 303, 307, 308])

function redirected(location: string | undefined, url: URL): RunError {
  const target =
    location !== undefined && URL.canParse(location, url.href) ? new URL(location, url).origin : 'elsewhere'
  return new RunError(`${url.host} sends requests on to ${target}`, {
    code: 'REDIRECTED',
    hint: 'They are not followed, because they carry secrets. If that host is yours, set SF_LOGIN_URL or SF_INSTANCE_URL to it.',
  })
}

/** The first 64 KiB of an error's body; what cannot be read is not worth another error. */
async function readBeginning(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= 64 * 1024) break
    }
  } catch {
    // The status still says what happened.
  }
  return Buffer.concat(chunks).toString()
}

/** `PUT /services/data/v66.0/jobs/ingest/750…/batches 201 41 ms, sent 1024, received 310 bytes`. */
function log(request: HttpRequest, end: string, begun: number, tools: CallTools, answer?: HttpAnswer): void {
  if (tools.log === undefined) return
  const { pathname, search } = request.url
  const bytes = answer === undefined ? '' : `, sent ${answer.bytesSent()}, received ${answer.bytesReceived()} bytes`
  // Redacted whole, then cut: half a secret would not be known again.
  const path = clip(tools.redactor.redact(`${pathname}${search}`))
  const line = `${request.method} ${path} ${end} ${Math.round(tools.now() - begun)} ms${bytes}`
  tools.log(tools.redactor.redact(line))
}

/** A query by keys may be thousands of characters long. */
function clip(path: string): string {
  return path.length > 400 ? `${path.slice(0, 399)}…` : path
}
