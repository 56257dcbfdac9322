import { Refusal } from './refusal.ts'

/** What comes in a form, in its order: a part begins, then its bytes follow. */
export type FormEvent =
  | { readonly kind: 'part'; readonly name: string; readonly contentType: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }

const lineBreak = Buffer.from('\r\n')
const endOfHeaders = Buffer.from('\r\n\r\n')
const mostHeaderBytes = 16_384

/**
 * Reads a `multipart/form-data` body (RFC 7578) of any size as it comes; no more of it is held than arrives at a time.
 * Throws refusals for what is not one.
 */
export async function* readFormParts(source: AsyncIterable<Buffer>, contentType: string): AsyncGenerator<FormEvent> {
  const match = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined) throw malformed('no boundary is named')
  const separator = Buffer.from(`\r\n--${boundary}`)
  // The first boundary has a line break before it, too, once this one is put there.
  let held: Buffer = lineBreak
  let state: 'preamble' | 'headers' | 'body' | 'end' = 'preamble'
  for await (const piece of source) {
    held = Buffer.concat([held, piece])
    for (let moved = true; moved && state !== 'end'; ) {
      moved = false
      if (state === 'headers') {
        if (held.subarray(0, 2).toString('latin1') === '--') {
          state = 'end'
          continue
        }
        const end = held.indexOf(endOfHeaders)
        if (end < 0 && held.length > mostHeaderBytes) throw malformed('the headers of a part do not end')
        if (end < 0) continue
        yield readHeaders(held.subarray(0, end).toString('utf8'))
        held = held.subarray(end + endOfHeaders.length)
        state = 'body'
        moved = true
        continue
      }
      const at = held.indexOf(separator)
      // What may be the beginning of a boundary waits for the rest of it.
      const sure = at < 0 ? held.length - separator.length + 1 : at
      if (state === 'body' && sure > 0) yield { kind: 'bytes', bytes: held.subarray(0, sure) }
      held = held.subarray(Math.max(0, at < 0 ? sure : at + separator.length))
      if (at < 0) continue
      state = 'headers'
      moved = true
    }
  }
  if (state !== 'end') throw malformed('the closing boundary is missing')
}

function readHeaders(headers: string): FormEvent {
  const name = /^content-disposition:\s*form-data;.*\bname="([^"]*)"/im.exec(headers)?.[1]
  if (name === undefined) throw malformed('a part has no name')
  return { kind: 'part', name, contentType: /^content-type:\s*([^\s;]+)/im.exec(headers)?.[1] ?? 'text/plain' }
}

function malformed(why: string): Refusal {
  return new Refusal(400, 'INVALID_MULTIPART_REQUEST', `The multipart body cannot be read: ${why}`)
}
