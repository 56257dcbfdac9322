import { RunError } from '../errors.ts'
import type { OrgResponse } from './org.ts'

/** An answer whose body ended before its end: fetching it again can help. */
export class CutAnswerError extends RunError {
  /** @param what the thing that was read, for the message: `failedResults of job 750…` */
  constructor(what: string, cause?: unknown) {
    super(`${what} broke off before the end`, { code: 'RESULT_CUT', cause })
  }
}

/** The next step after an answer that is not the service's own. */
export const foreignAnswerHint = 'A proxy or the sign-in page of a network may have answered in its place.'

/** An answer that says yes in a language that the service does not speak: something on the way gave it, or spoilt it. */
export class ForeignAnswerError extends RunError {
  /** @param answered who answered what, for the message */
  constructor(answered: string, cause?: unknown, expected: 'JSON' | 'CSV' = 'JSON') {
    super(`${answered} with something other than ${expected}`, {
      code: `NOT_${expected}`,
      hint: foreignAnswerHint,
      cause,
    })
  }
}

/** The blocks of an answer's body. Whatever ends it early is thrown as `CutAnswerError`, apart from errors of the reader. */
export async function* readBody(answer: OrgResponse, what: string): AsyncGenerator<Buffer> {
  // Whoever gives up a body in the middle has stopped listening when its connection is then ended.
  answer.body.on('error', () => undefined)
  const blocks: AsyncIterable<Buffer> = answer.body
  try {
    yield* blocks
  } catch (cause) {
    throw new CutAnswerError(what, cause)
  }
}
