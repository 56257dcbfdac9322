import type { FallBackTools } from './fall-back.ts'
import { standIn } from './stand-in.ts'
import type { Transport } from './transport.ts'

/** Rows of one SOAP call. Source: SOAP API guide, "update()" and its like. */
const rowsOfCall = 200

/**
 * A transport by jobs that goes over to calls where all rows that are left to send fit one: of an input of any size most rows may
 * have been held back, and a job for the others would cost more calls than one. `calls`: opens the other transport.
 */
export function smallBySoap(
  jobs: Transport,
  calls: () => Promise<Transport>,
  { onFallBack }: FallBackTools,
): Transport {
  let current = jobs
  let isFirst = true
  return standIn(() => current, {
    async send(kind, body, signal, record) {
      // A first part that is known whole is the only one.
      if (isFirst && body.whole !== undefined && fitsCall(body.whole)) {
        current = await calls()
        await onFallBack?.(current.api)
      }
      isFirst = false
      return await current.send(kind, body, signal, record)
    },
  })
}

const quote = 0x22
const lineFeed = 0x0a

/** Whether a CSV with its header has rows for one call at most, and no character that XML has no way to write. */
function fitsCall(csv: Buffer): boolean {
  let lines = 0
  let isQuoted = false
  for (const byte of csv) {
    if (byte === quote) isQuoted = !isQuoted
    else if (byte === lineFeed && !isQuoted) lines++
    else if (byte < 0x20 && byte !== lineFeed && byte !== 0x09) return false
  }
  return lines - 1 <= rowsOfCall
}
