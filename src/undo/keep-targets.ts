import { type ReadTools, readRecords } from '../extract/read-records.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import { idField } from './image-fields.ts'
import type { ImageStore, Moment } from './image-store.ts'

/** Reads the records that a store has as targets, and keeps them as they are now. `all`: those in the recycle bin, too. */
export async function keepTargets(
  store: ImageStore,
  moment: Moment,
  { object, all }: { readonly object: ObjectDescription; readonly all: boolean },
  tools: ReadTools,
): Promise<void> {
  const query = { object: object.name, fields: store.fields, key: idField, all }
  const read = readRecords(query, targetIds(store), store.countTargets(), tools)
  for await (const rows of read) store.keep(moment, rows, 'targets')
}

/** The Ids of a store's targets. */
export function* targetIds(store: ImageStore): Generator<string> {
  for (const targets of store.targets()) for (const { id } of targets) yield id
}
