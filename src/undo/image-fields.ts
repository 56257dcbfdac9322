import { UsageError } from '../errors.ts'
import type { ReadField } from '../extract/read-records.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'

/**
 * What is kept of a record that a run changes: its Id, the fields that the mapping fills and that can be put back, and
 * who changed it when. Throws `UsageError` for a mapping whose fields cannot be read.
 */
export function imageFields(object: ObjectDescription, mapping: CompiledMapping): readonly ReadField[] {
  const filled = mapping.columns.map(({ target }) => target.field).filter(({ updateable }) => updateable)
  const unreadable = filled.find(({ type }) => type === 'base64')
  if (unreadable !== undefined) {
    throw new UsageError(`--undo cannot keep ${unreadable.name}: it holds binary data`, {
      code: 'CANNOT_UNDO',
      hint: 'leave out --undo, or the column for that field',
    })
  }
  const names = new Set(filled.map(({ name }) => name))
  const stamps = stampFields(object).filter(({ name }) => !names.has(name))
  return [idField, ...object.fields.filter(({ name }) => names.has(name)).map(toReadField), ...stamps]
}

export const idField: ReadField = { name: 'Id', type: 'id' }

/**
 * The fields that tell when and by whom a record was changed last. SystemModstamp moves also when the service recalculates
 * something, which is nobody's change, so that it is the second choice.
 */
export function stampFields(object: ObjectDescription): readonly ReadField[] {
  const find = (name: string) => object.fields.find((field) => field.name === name)
  const stamp = find('LastModifiedDate') ?? find('SystemModstamp')
  return [stamp, find('LastModifiedById')].flatMap((field) => (field === undefined ? [] : [toReadField(field)]))
}

/** The fields that tell when and by whom a record was made. */
export function originFields(object: ObjectDescription): readonly ReadField[] {
  return object.fields.filter(({ name }) => name === 'CreatedDate' || name === 'CreatedById').map(toReadField)
}

function toReadField({ name, type }: FieldDescription): ReadField {
  return { name, type }
}
