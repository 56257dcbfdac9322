import { cutParts } from './cut-parts.ts'
import type { LoadPlan } from './plan.ts'
import type { PartLimits } from './transport.ts'

/** What a load would send, counted by cutting it without sending. */
export interface ForeseenLoad {
  readonly rows: { readonly read: number; readonly sent: number; readonly rejected: number }
  /** Rows and bytes of each job or call. */
  readonly parts: readonly { readonly rows: number; readonly bytes: number }[]
}

/**
 * Reads the input to its end as the load would and counts its parts. Rows that would be rejected before they are sent are
 * counted, not written: no file is made. Throws what reading the input throws.
 */
export async function foreseeLoad(plan: LoadPlan, limits: PartLimits): Promise<ForeseenLoad> {
  const { source, encoder } = plan
  const rows = { read: 0, sent: 0, rejected: 0 }
  const parts: { rows: number; bytes: number }[] = []
  const nothing = { onRead: () => undefined, until: undefined, keys: undefined }
  for await (const open of cutParts(source, encoder, limits, nothing)) {
    const part = await open.finishCut()
    rows.read += part.rows
    rows.sent += part.sent
    rows.rejected += part.rows - part.sent
    if (part.sent > 0) parts.push({ rows: part.sent, bytes: part.bytes })
    await source.release(part.to)
  }
  return { rows, parts }
}
