import type { ApiRequest } from './api-request.ts'
import { Refusal } from './refusal.ts'

/** A part of a form. */
export interface FormPart {
  readonly name: string
  /** Empty where it says none. */
  readonly contentType: string
  readonly body: Buffer
}

/** A job and 100,000 characters of CSV, each of four bytes at most, fit into this. */
const largestForm = 500_000

const lineBreak = Buffer.from('\r\n')
const endOfHeaders = Buffer.from('\r\n\r\n')

/** Reads a `multipart/form-data` body (RFC 7578) of a bounded size. Throws refusals for what is not one. */
export async function readMultipart(request: ApiRequest, contentType: string): Promise<readonly FormPart[]> {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)
  const name = boundary?.[1] ?? boundary?.[2]
  if (name === undefined) throw malformed('no boundary is named')
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of request.bytes()) {
    size += piece.length
    if (size > largestForm) throw new Refusal(413, 'REQUEST_TOO_LARGE', `The form is larger than ${largestForm} bytes`)
    pieces.push(piece)
  }
  return splitParts(Buffer.concat(pieces), Buffer.from(`--${name}`))
}

/** Between two boundaries stands a part; behind the last one there are two hyphens. */
function splitParts(body: Buffer, boundary: Buffer): readonly FormPart[] {
  const parts: FormPart[] = []
  let start = body.indexOf(boundary)
  if (start !== 0 && !body.subarray(start - 2, start).equals(lineBreak))
    throw malformed('it does not begin with the boundary')
  const separator = Buffer.concat([lineBreak, boundary])
  for (;;) {
    start += parts.length === 0 ? boundary.length : separator.length
    if (body.subarray(start, start + 2).toString('latin1') === '--') return parts
    const end = body.indexOf(separator, start)
    if (end === -1) throw malformed('the closing boundary is missing')
    parts.push(readPart(body.subarray(start + lineBreak.length, end)))
    start = end
  }
}

function readPart(part: Buffer): FormPart {
  const end = part.indexOf(endOfHeaders)
  const headers = part.subarray(0, end === -1 ? 0 : end).toString('utf8')
  const name = /^content-disposition:\s*form-data;.*\bname="([^"]*)"/im.exec(headers)?.[1]
  if (name === undefined) throw malformed('a part has no name')
  const contentType = /^content-type:\s*(.*)$/im.exec(headers)?.[1] ?? ''
  return { name, contentType, body: part.subarray(end + endOfHeaders.length) }
}

function malformed(why: string): Refusal {
  return new Refusal(400, 'INVALIDJOB', `InvalidJob : The multipart body cannot be read: ${why}`)
}
