import { Refusal } from './refusal.ts'

/** What comes in a form, in its order: a part begins, then its bytes follow. */
export type FormEvent =
  | { readonly kind: 'part'; readonly name: string }
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
  let state: FormState = 'preamble'
  for await (const piece of source) {
    held = Buffer.concat([held, piece])
    for (let step = takeStep(state, held, separator); step !== undefined; step = takeStep(state, held, separator)) {
      if (step.event !== undefined) yield step.event
      held = held.subarray(step.taken)
      state = step.next
    }
  }
  if (state !== 'end') throw malformed('the closing boundary is missing')
}

type FormState = 'preamble' | 'headers' | 'body' | 'end'

interface FormStep {
  /** Bytes that are dealt with. */
  readonly taken: number
  readonly next: FormState
  readonly event?: FormEvent | undefined
}

/** What the bytes at hand are good for; `undefined` when more are needed. */
function takeStep(state: FormState, held: Buffer, separator: Buffer): FormStep | undefined {
  if (state === 'end') return undefined
  if (state === 'headers') return takeHeaders(held)
  const at = held.indexOf(separator)
  // What may be the beginning of a boundary waits for the rest of it.
  const sure = at < 0 ? held.length - separator.length + 1 : at
  if (at < 0 && sure <= 0) return undefined
  const event: FormEvent = { kind: 'bytes', bytes: held.subarray(0, sure) }
  const step = at < 0 ? { taken: sure, next: state } : { taken: at + separator.length, next: 'headers' as const }
  return state === 'body' && sure > 0 ? { ...step, event } : step
}

/** Behind the last boundary there are two hyphens, behind any other the headers of a part. */
function takeHeaders(held: Buffer): FormStep | undefined {
  if (held.subarray(0, 2).toString('latin1') === '--') return { taken: 2, next: 'end' }
  const end = held.indexOf(endOfHeaders)
  if (end < 0 && held.length > mostHeaderBytes) throw malformed('the headers of a part do not end')
  if (end < 0) return undefined
  const headers = held.subarray(0, end).toString('utf8')
  const name = /^content-disposition:\s*form-data;.*\bname="([^"]*)"/im.exec(headers)?.[1]
  if (name === undefined) throw malformed('a part has no name')
  return { taken: end + endOfHeaders.length, next: 'body', event: { kind: 'part', name } }
}

function malformed(why: string): Refusal {
  return new Refusal(400, 'INVALID_MULTIPART_REQUEST', `The multipart body cannot be read: ${why}`)
}
