import { findWritten } from '../check/find-written.ts'
import type { LoadPlan } from '../load/plan.ts'
import type { Transport } from '../load/transport.ts'
import { createSoapTransport } from '../soap/soap-transport.ts'
import type { SendValues, TransportTools } from './open-transport.ts'

/** The way by calls, as the options say. */
export function openSoap(plan: LoadPlan, options: SendValues, { org, folder }: TransportTools): Transport {
  const { assignmentRule, allOrNone, allowDuplicates, feedTracking } = options
  return createSoapTransport(org, plan.object, {
    assignmentRule,
    allOrNone,
    allowDuplicates,
    skipFeedTracking: feedTracking === false,
    findWritten: (lost) => findWritten(lost, { org, folder, signal: new AbortController().signal }),
  })
}
