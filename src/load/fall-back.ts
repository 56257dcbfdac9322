import { ExpectedError } from '../errors.ts'
import type { Report } from './events.ts'
import { standIn } from './stand-in.ts'
import { PartNotSent, type Transport } from './transport.ts'

export interface FallBackTools {
  readonly report: Report
  /** Told before anything is sent by the other API. */
  readonly onFallBack?: ((api: Transport['api']) => Promise<void>) | undefined
}

/**
 * A transport that goes over to another one when the org refuses the first: it does not serve the API, or not to this user.
 * Only before a part has been sent, and only after a refusal that surely wrote nothing; any other failure stands.
 */
export function fallBack(first: Transport, second: () => Transport, tools: FallBackTools): Transport {
  let current = first
  let settled = false
  return standIn(() => current, {
    async send(kind, body, signal, record) {
      try {
        const sent = await current.send(kind, body, signal, record)
        settled = true
        return sent
      } catch (error) {
        if (settled || !isRefusal(error)) throw error
        settled = true
        current = second()
        await tools.onFallBack?.(current.api)
        tools.report({
          type: 'note',
          text: `the org refuses ${first.api} (${error.message}): the rows go by ${current.api}`,
        })
        return await current.send(kind, body, signal, record)
      }
    },
  })
}

/** Refusals of an API as such, by Salesforce's codes, or by the status of an answer without one. */
const refusals: ReadonlySet<string> = new Set([
  'API_CURRENTLY_DISABLED',
  'API_DISABLED_FOR_ORG',
  'FUNCTIONALITY_NOT_ENABLED',
  'HTTP_403',
  'HTTP_404',
  'HTTP_405',
  'HTTP_410',
  'JWT_BY_SOAP',
  'METHOD_NOT_ALLOWED',
  'NOT_FOUND',
  'UNSUPPORTED_API_VERSION',
])

function isRefusal(error: unknown): error is PartNotSent {
  if (!(error instanceof PartNotSent) || error.failure.mayHaveArrived) return false
  return error.failure.error instanceof ExpectedError && refusals.has(error.failure.error.code)
}
