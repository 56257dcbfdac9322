/** What a handler answers. The listener adds the headers that every answer has, and packs the body when asked to. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** A stream is written piece by piece and never held whole. */
  readonly body?: string | Buffer | AsyncIterable<Buffer>
}

export function jsonReply(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { ...jsonTextReply(JSON.stringify(value), headers), status }
}

/** JSON that has been written out already. */
export function jsonTextReply(body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers: { 'Content-Type': 'application/json;charset=UTF-8', ...headers }, body }
}

export function emptyReply(status = 204): Reply {
  return { status, headers: {} }
}

export function csvReply(body: AsyncIterable<Buffer>, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers: { 'Content-Type': 'text/csv; charset=UTF-8', ...headers }, body }
}
