import type { Clock } from '../bulk/clock.ts'
import type { ExtractEvent } from '../extract/events.ts'
import type { LoadEvent } from '../load/events.ts'
import type { LoadPlan } from '../load/plan.ts'
import type { Transport } from '../load/transport.ts'
import type { OperationName } from '../operations.ts'
import type { Org } from '../org/org.ts'
import type { SyncFile } from './sync-file.ts'

/** What every step of a sync works with. */
export interface SyncTools {
  readonly file: SyncFile
  readonly org: Org
  /** Private folder for what is read and sent. */
  readonly folder: string
  readonly report: (event: SyncEvent) => void
  readonly signal: AbortSignal
  readonly clock: Clock
  /** A name for a push that no other has. */
  readonly namePush: () => string
  /** Whether a change that goes alone may go by REST, which can say under which condition. */
  readonly writesSingly: boolean
  /** The way that the rows of a plan take. */
  readonly openTransport: (operation: OperationName, plan: LoadPlan) => Promise<Transport>
}

/** What a sync tells while it runs. */
export type SyncEvent =
  | LoadEvent
  | ExtractEvent
  | { readonly type: 'step'; readonly object: string; readonly step: 'pull' | 'push' | 'look' | 'sweep' | 'files' }
