import { type FieldDescription, isRequiredOnInsert, type ObjectDescription } from '../org/object-description.ts'
import { renderTable } from './table.ts'

/** A line for each field of an object, in the order of its names. */
export function renderFields(object: ObjectDescription): readonly string[] {
  return renderTable(
    [
      { title: 'name', cell: ({ name }) => name },
      { title: 'type', cell: renderType },
      { title: 'length', cell: renderLength, align: 'right' },
      { title: 'required', cell: (field) => (isRequiredOnInsert(field) ? 'yes' : '') },
      { title: 'key', cell: renderKey },
      { title: 'write', cell: renderWrite },
      { title: 'label', cell: ({ label }) => label },
    ],
    [...object.fields].sort((one, other) => (one.name < other.name ? -1 : 1)),
  )
}

/** A line for each object. */
export function renderObjects(
  objects: readonly Pick<
    ObjectDescription,
    'name' | 'label' | 'keyPrefix' | 'createable' | 'updateable' | 'deletable' | 'queryable'
  >[],
): readonly string[] {
  return renderTable(
    [
      { title: 'name', cell: ({ name }) => name },
      { title: 'prefix', cell: ({ keyPrefix }) => keyPrefix ?? '' },
      {
        title: 'allows',
        cell: ({ createable, updateable, deletable, queryable }) =>
          list({ query: queryable, insert: createable, update: updateable, delete: deletable }),
      },
      { title: 'label', cell: ({ label }) => label },
    ],
    objects,
  )
}

/** The header line of a CSV with every field that can be written. API names need no quotes. */
export function renderCsvTemplate(object: ObjectDescription): string {
  const written = object.fields.filter((field) => field.createable || field.updateable)
  return written.map(({ name }) => name).join(',')
}

function renderType({ type, referenceTo }: FieldDescription): string {
  return referenceTo.length === 0 ? type : `${type} ${referenceTo.join(' or ')}`
}

/** Characters of a text, `digits,decimals` of a number. */
function renderLength({ length, precision, scale, digits }: FieldDescription): string {
  if (length > 0) return String(length)
  if (precision > 0) return scale > 0 ? `${precision},${scale}` : String(precision)
  return digits > 0 ? String(digits) : ''
}

function renderKey(field: FieldDescription): string {
  return list({
    Id: field.type === 'id',
    'external ID': field.externalId,
    unique: field.unique,
    'upsert key': field.idLookup && !field.externalId && field.type !== 'id',
  })
}

function renderWrite({ createable, updateable, calculated }: FieldDescription): string {
  if (calculated) return 'never: formula'
  if (createable && updateable) return ''
  if (createable) return 'on insert only'
  return updateable ? 'on update only' : 'never'
}

function list(words: Readonly<Record<string, boolean>>): string {
  return Object.entries(words)
    .flatMap(([word, holds]) => (holds ? [word] : []))
    .join(', ')
}
