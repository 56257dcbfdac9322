import { UnfinishedError } from '../errors.ts'
import {
  type PartBody,
  type PartKind,
  type PartLimits,
  PartNotSent,
  type PlacedResult,
  type Transport,
} from '../load/transport.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import { findSoapCall } from './calls.ts'
import { findColumns } from './columns.ts'
import { renderHeaders, type SoapHeaders } from './envelope.ts'
import { readPart } from './read-part.ts'
import { type CallTools, pauseReally } from './send-call.ts'
import { askableCall, type FindWritten, sendSettled, settleRows } from './settle-call.ts'
import { type RowsToWrite, writeRows } from './write-rows.ts'

export interface SoapOptions extends SoapHeaders {
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. Default: real time. */
  readonly pause?: CallTools['pause'] | undefined
  /** Asks the org for rows. Without it those of a call whose answer was lost stay unknown. */
  readonly findWritten?: FindWritten | undefined
}

/** Source: SOAP API guide, "create()" and its like. */
const mostRows = 200

/** Bytes of CSV. A request may have 50 MB; escapes make a text five times as long at most, and each cell gets two tags. */
const mostBytes = 8_000_000

/**
 * SOAP Partner API: a part is one call, which is answered row by row in the order of the rows.
 *
 * Envelopes are this program's own. jsforce's (3.10.16) send control characters that no XML parser takes, keep the order
 * of an object's keys where the WSDL has an order, and have no place for headers besides the session; and its requests
 * would go past this connection's renewals, counts and log.
 */
export function createSoapTransport(org: Org, object: ObjectDescription, options: SoapOptions = {}): Transport {
  const { pause = pauseReally, findWritten } = options
  const headers = renderHeaders(options)
  const prepare = async (kind: PartKind, body: PartBody): Promise<RowsToWrite> => {
    const { header, rows } = await readPart(body)
    const call = findSoapCall(kind.operation)
    return { shape: { call, object, columns: findColumns(header, object) }, rows, headers, key: keyElement(kind) }
  }
  const limits: PartLimits = { maxRows: mostRows, maxBytes: mostBytes, smallBytes: mostBytes }
  return {
    api: 'soap',
    answers: 'placed',
    // One after the other, as a job does: of two rows about one record the later one stands.
    partsAtOnce: 1,
    limits,
    async send(kind, body, signal) {
      if (signal.aborted) throw interrupted()
      const write = await prepare(kind, body)
      const answers =
        findWritten === undefined
          ? await writeRows(org, write)
          : await sendSettled(askableCall(org, write, findWritten, kind.externalIdField), { signal, pause })
      return { id: '', rows: write.rows.length, answers }
    },
    async takeUp(kind, body, begun, signal) {
      const write = await prepare(kind, body)
      if (findWritten === undefined) return { state: 'unsure', reason: 'its answer was lost' }
      const rows = askableCall(org, write, findWritten, kind.externalIdField)
      const answers = await settleRows(rows, begun.begunAt, { signal, pause })
      return { state: 'sent', sent: { id: '', rows: write.rows.length, answers } }
    },
    async finish({ answers = [] }) {
      const accepted = count(answers, 'accepted')
      return { state: 'complete', errorMessage: undefined, accepted, rejected: answers.length - accepted }
    },
    async *results({ answers = [] }) {
      yield { placed: answers }
    },
  }
}

/** What an upsert says before its records. */
function keyElement({ externalIdField }: PartKind): string {
  return externalIdField === undefined ? '' : `<externalIDFieldName>${externalIdField}</externalIDFieldName>`
}

function count(answers: readonly PlacedResult[], wanted: PlacedResult['verdict']): number {
  return answers.filter(({ verdict }) => verdict === wanted).length
}

function interrupted(): PartNotSent {
  const error = new UnfinishedError('interrupted before the rows were sent', { code: 'INTERRUPTED' })
  return new PartNotSent({ error, mayHaveArrived: false, id: undefined })
}
