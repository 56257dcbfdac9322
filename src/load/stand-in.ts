import type { TakenUp, Transport } from './transport.ts'

/** What is known of a piece that a transport cannot take up. */
export const notRecorded: TakenUp = { state: 'unsure', reason: 'its outcome was not recorded' }

/**
 * A transport that stands before another one and does some of its work itself. `current` may give another one later: what
 * is asked then goes to that.
 */
export function standIn(current: () => Transport, own: Partial<Pick<Transport, 'prepare' | 'send'>>): Transport {
  const { limits, partsAtOnce } = current()
  return {
    limits,
    partsAtOnce,
    get api() {
      return current().api
    },
    get answers() {
      return current().answers
    },
    send: (kind, body, signal, record) => current().send(kind, body, signal, record),
    takeUp: async (kind, body, begun, signal) => (await current().takeUp?.(kind, body, begun, signal)) ?? notRecorded,
    finish: (sent, signal) => current().finish(sent, signal),
    results: (...asked) => current().results(...asked),
    ...own,
  }
}
