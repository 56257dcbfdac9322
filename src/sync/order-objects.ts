import type { SyncObject } from './sync-object.ts'

/** Objects in an order in which one comes after those that it refers to, as far as they do not refer to each other. */
export function parentsFirst(objects: readonly SyncObject[]): readonly SyncObject[] {
  const ordered: SyncObject[] = []
  const seen = new Set<SyncObject>()
  const visit = (object: SyncObject): void => {
    if (seen.has(object)) return
    seen.add(object)
    const parents = object.fields.flatMap(({ referenceTo }) => referenceTo)
    for (const parent of objects) if (parents.includes(parent.name)) visit(parent)
    ordered.push(object)
  }
  for (const object of objects) visit(object)
  return ordered
}
