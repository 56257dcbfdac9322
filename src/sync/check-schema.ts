import { UsageError } from '../errors.ts'
import { isRequiredOnInsert, type ObjectDescription } from '../org/object-description.ts'
import { kindOf } from './field-values.ts'
import { isWritable, type SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/**
 * Compares a table with its object before anything is read or written. What would make them differ is refused with code
 * `SCHEMA_CHANGED`; a field that new records must have from now on is told.
 */
export async function checkSchema({ org, file, report }: SyncTools, object: SyncObject): Promise<void> {
  const described = await org.describe(object.name)
  const faults = findFaults(object, described)
  if (faults.length > 0) {
    const again = await org.describe(object.name, { fresh: true })
    if (findFaults(object, again).length > 0) throw schemaChanged(file.name, object, findFaults(object, again), again)
  }
  if (!isWritable(object)) return
  const known = new Set([...object.missingRequired, ...object.fields.map(({ name }) => name)])
  const wanted = described.fields.filter((field) => isRequiredOnInsert(field) && !known.has(field.name))
  for (const { name } of wanted) {
    const fields = [...object.fields.map((field) => field.name), name].join(',')
    const text =
      `${object.name}.${name} is required in the org now, and the table has no such column: new rows will be ` +
      `rejected. Add it: \`sfbulk sync add ${file.name} --object ${object.name} --fields ${fields}\``
    report({ type: 'note', text })
  }
}

function findFaults(object: SyncObject, described: ObjectDescription): readonly string[] {
  return object.fields.flatMap((field) => {
    const now = described.fields.find(({ name }) => name === field.name)
    if (now === undefined) return [`${object.name}.${field.name} is gone from the org, or this user may not see it`]
    if (kindOf(now.type) !== kindOf(field.type))
      return [`${object.name}.${field.name} was ${field.type} and is ${now.type}`]
    return []
  })
}

function schemaChanged(
  path: string,
  object: SyncObject,
  faults: readonly string[],
  described: ObjectDescription,
): UsageError {
  const left = object.fields.filter(({ name }) => described.fields.some((field) => field.name === name))
  const fields = left.map(({ name }) => name).join(',')
  return new UsageError(`the org has changed, nothing was read or written: ${faults.join('; ')}`, {
    code: 'SCHEMA_CHANGED',
    hint: `fit the table to it: \`sfbulk sync add ${path} --object ${object.name} --fields ${fields}\``,
  })
}
