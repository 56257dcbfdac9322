import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import { Account, type RejectReason, type RowCounts } from '../load/account.ts'
import { cutParts } from '../load/cut-parts.ts'
import type { Report } from '../load/events.ts'
import { finishFiles, spareFiles } from '../load/finish-files.ts'
import { PageFile } from '../load/page-file.ts'
import { forgetRows } from '../load/part.ts'
import type { LoadPlan } from '../load/plan.ts'
import { sourceKeys } from '../load/row-keys.ts'
import type { PartLimits } from '../load/transport.ts'
import { ResultWriter } from '../load/write-results.ts'
import { formatRowError } from '../values/row-error.ts'
import { DuplicateKeys, type RepeatedKeys } from './duplicate-keys.ts'
import { LineTally } from './line-tally.ts'

/** What a load would come to, as far as that is known without writing. */
export interface Examination {
  readonly rows: Readonly<Pick<RowCounts, 'read' | 'sent' | 'rejected' | 'skipped'>>
  /** Rows and bytes of each job or call. */
  readonly parts: readonly { readonly rows: number; readonly bytes: number }[]
  readonly reasons: readonly RejectReason[]
  /** Rows whose key an earlier row has, too far from it to be refused. */
  readonly repeatedKeys: LineTally
  /** Path of the errors file; null where no row was rejected, `-` for standard output. */
  readonly errors: string | null
}

/**
 * Reads the input to its end as the load would, in parts of the same size, and writes the rows that would be rejected to the
 * errors file. Throws what reading the input and writing the file throw.
 */
export async function examineRows(plan: LoadPlan, limits: PartLimits, report: Report): Promise<Examination> {
  const { source, encoder, mapping } = plan
  const account = new Account()
  const writer = new ResultWriter(source, encoder, account, plan)
  const parts: { rows: number; bytes: number }[] = []
  const repeatedKeys = new LineTally()
  const keyField = mapping.key === undefined ? undefined : mapping.columns[mapping.key]!.target.field
  const keys =
    keyField &&
    (await sourceKeys(mapping, plan.nulls, encoder.computed, !keyField.caseSensitive && keyField.type !== 'id'))
  const duplicates = new DuplicateKeys()
  const pages = new PageFile(plan.spoolFolder)
  try {
    const onRead = (rows: number, end: number) =>
      report({ type: 'read', rows, bytes: Math.min(source.bytesRead(), end) })
    const keysFrom = keys && (() => keys)
    for await (const open of cutParts(source, encoder, limits, { onRead, until: undefined, keysFrom, pages })) {
      const part = await open.finishCut()
      const found = part.keys ? duplicates.add(part.keys.log, part.sent) : noDuplicates
      // The service refuses a key that it meets twice in an upsert by external ID; of other writes that is not known.
      const refused = plan.kind.externalIdField !== undefined && keyField?.name !== 'Id' ? found.meeting : none
      if (part.sent < part.rows || found.repeated.size > 0) {
        await writer.writeHeld(part, judgeKeys(plan, refused, found.repeated, repeatedKeys))
      } else account.rows.read += part.rows
      const sent = part.sent - refused.size
      if (sent > 0) parts.push({ rows: sent, bytes: part.bytes })
      account.rows.sent += sent
      forgetRows(part)
      await source.release(part.to)
    }
    const { errors } = await finishFiles(writer, plan)
    return { rows: account.rows, parts, reasons: account.reasons(), repeatedKeys, errors }
  } catch (error) {
    await spareFiles(plan)
    throw error
  } finally {
    pages.close()
    await source.close()
  }
}

const none: ReadonlySet<number> = new Set()
const noDuplicates: RepeatedKeys = { meeting: none, repeated: none }

/** Judges the rows of a part that would be sent, one after the other, by their keys. */
function judgeKeys(
  plan: LoadPlan,
  refused: ReadonlySet<number>,
  repeated: ReadonlySet<number>,
  tally: LineTally,
): Parameters<ResultWriter['writeHeld']>[1] {
  let next = 0
  return (block, record) => {
    const row = next++
    if (!refused.has(row)) {
      if (repeated.has(row)) tally.add(block.line[record]!)
      return undefined
    }
    const message = `Duplicate external id specified: ${keyText(plan, block, record)}`
    const fields = [plan.kind.externalIdField ?? '']
    return `LOCAL:${formatRowError({ statusCode: 'DUPLICATE_VALUE', message, fields })}`
  }
}

function keyText({ mapping, encoder }: LoadPlan, block: RecordBlock, record: number): string {
  const { from } = mapping.columns[mapping.key!]!
  if (typeof from === 'number') return cellText(block, block.firstCell[record]! + from)
  if ('constant' in from) return from.constant
  encoder.computed!.evaluate(block, record)
  const { bytes, start, end } = encoder.computed!.value(mapping.key!)
  return bytes.toString('utf8', start, end)
}
