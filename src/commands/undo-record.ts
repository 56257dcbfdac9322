import { UsageError } from '../errors.ts'
import type { ReadField } from '../extract/read-records.ts'
import type { LoadPlan } from '../load/plan.ts'
import type { Transport } from '../load/transport.ts'
import { readWrittenIds } from '../load/written-ids.ts'
import type { OperationName } from '../operations.ts'
import type { Org } from '../org/org.ts'
import { imageFields } from '../undo/image-fields.ts'
import { ImageStore } from '../undo/image-store.ts'
import { keepFormerValues } from '../undo/keep-former-values.ts'
import { keepTargets } from '../undo/keep-targets.ts'
import { imagePath, writtenIdsPath } from '../undo/undo-files.ts'

/** What a write keeps of the records that it changes, so that it can be undone. */
export interface UndoRecord {
  /** The transport that is given, which keeps the records of each part before it sends the part. */
  keepBefore(transport: Transport): Transport
  /** Keeps how the records are after the last row. Never fails: without it an undo can tell less surely who changed what. */
  keepAfter(): Promise<void>
  close(): void
}

export interface UndoRecordTools {
  readonly org: Org
  readonly signal: AbortSignal
  /** Of the run. */
  readonly folder: string
  /** Private folder for answers while they are read. */
  readonly spoolFolder: string
  readonly line: (text: string) => void
}

/** Throws `UsageError` for a write of which `--undo` cannot keep what it needs. */
export function checkUndo(operation: OperationName, plan: LoadPlan): readonly ReadField[] {
  const { object, mapping } = plan
  if (operation === 'delete' && object.undeletable === false) {
    throw new UsageError(`deleted ${object.name} records do not come back: they have no recycle bin`, {
      code: 'CANNOT_UNDO',
      hint: 'leave out --undo',
    })
  }
  return imageFields(object, mapping)
}

/** Opens the record of a run; for one that is carried on, the one that it has. */
export function openUndoRecord(fields: readonly ReadField[], plan: LoadPlan, tools: UndoRecordTools): UndoRecord {
  const { object, mapping, operation } = plan
  const { org, signal, folder, spoolFolder, line } = tools
  const store = ImageStore.open(imagePath(folder), fields)
  const reading = { org, signal, folder: spoolFolder }
  const key = mapping.key === undefined ? undefined : mapping.columns[mapping.key]?.target
  return {
    keepBefore(transport) {
      if (key === undefined || operation.fields === 'id-only') return transport
      return keepFormerValues(transport, { store, object: object.name, key }, reading)
    },
    async keepAfter() {
      try {
        for await (const records of readWrittenIds(writtenIdsPath(folder))) store.addTargets(records)
        store.dropOthers('before')
        // What a delete leaves is in the recycle bin, which is all that matters of it.
        if (operation.name !== 'delete') await keepTargets(store, 'after', { object, all: false }, reading)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        line(`how the run left its records could not be read (${reason}): its undo needs --force`)
      }
    },
    close: () => store.close(),
  }
}
