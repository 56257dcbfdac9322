import { sameValue } from '../check/same-value.ts'
import type { SqlValue } from '../sqlite/database.ts'
import { isSame, sentText } from './field-values.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/**
 * Whether what the org has is what became of a value that it was sent: numbers are rounded there to the decimals of their
 * field, moments cut to whole seconds, addresses put in small letters, line ends made one. `place` is that of the field.
 */
export type KeptAs = (place: number, sent: SqlValue | undefined, current: SqlValue | undefined) => boolean

/** The comparison for the fields of an object, by what the org says of them. */
export async function readKeptAs({ org }: Pick<SyncTools, 'org'>, object: SyncObject): Promise<KeptAs> {
  const described = new Map((await org.describe(object.name)).fields.map((field) => [field.name, field]))
  const comparisons = object.fields.map((field) => {
    const known = described.get(field.name)
    return { field, isKept: known === undefined ? undefined : sameValue(known) }
  })
  return (place, sent, current) => {
    const { field, isKept } = comparisons[place]!
    if (isSame(field, sent, current)) return true
    const text = sentText(field, sent)
    return text !== '' && isKept?.(text, sentText(field, current)) === true
  }
}
