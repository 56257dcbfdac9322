import { ApiError, UsageError } from '../errors.ts'
import { type ReadField, type ReadTools, readRecords } from '../extract/read-records.ts'
import { listObjects } from '../org/describe.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import { idField } from './image-fields.ts'
import type { ImageStore } from './image-store.ts'
import { targetIds } from './keep-targets.ts'

export interface ChildTools extends ReadTools {
  /** Told of children that could not be looked for. */
  readonly note: (text: string) => void
}

/**
 * The targets of a store that a delete would take other records along with, and the object of these: describe says which
 * children are deleted with their parent. Children that are targets themselves do not count, nor do those that the service
 * makes by itself (shares, feeds, histories).
 */
export async function findChildren(
  object: ObjectDescription,
  store: ImageStore,
  tools: ChildTools,
): Promise<ReadonlyMap<string, string>> {
  const relationships = (object.childRelationships ?? []).filter(({ cascadeDelete }) => cascadeDelete)
  if (relationships.length === 0 || store.countTargets() === 0) return new Map()
  const objects = await listObjects(tools.org)
  const lasting = new Set(objects.flatMap((each) => (each.createable && each.queryable ? [each.name] : [])))
  const parents = new Map<string, string>()
  for (const { childSObject, field } of relationships) {
    if (!lasting.has(childSObject) || madeByService.test(childSObject)) continue
    const key: ReadField = { name: field, type: 'reference' }
    const query = { object: childSObject, fields: [idField, key], key, all: false }
    try {
      for await (const rows of readRecords(query, targetIds(store), store.countTargets(), tools)) {
        const targets = store.findTargets(rows.flat())
        for (const [child = '', parent = ''] of rows) {
          if (targets.has(parent) && !targets.has(child)) parents.set(parent, childSObject)
        }
      }
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof UsageError)) throw error
      tools.note(
        `${childSObject} records that go with ${object.name} records could not be looked for: ${error.message}`,
      )
    }
  }
  return parents
}

const madeByService = /(Share|Feed|History|Tag|ChangeEvent)$/
