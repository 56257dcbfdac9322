import type { FieldDescription, ObjectDescription } from './object-description.ts'

/** What may be missing of a description, or be null, where a service says less than the guide. */
export type ToldDescription = Pick<ObjectDescription, 'name'> & {
  readonly [Key in keyof Omit<ObjectDescription, 'name' | 'fields'>]?: ObjectDescription[Key] | null
} & { readonly fields?: readonly ToldField[] | null }

type ToldField = Pick<FieldDescription, 'name'> & {
  readonly [Key in keyof Omit<FieldDescription, 'name'>]?: FieldDescription[Key] | null
}

/**
 * A description in which nothing is missing that the program reads. What was not told is taken to be allowed and to stand for
 * nothing special, so that the service decides.
 */
export function completeDescription(told: ToldDescription): ObjectDescription {
  const { name, fields } = told
  return {
    label: name,
    keyPrefix: null,
    createable: true,
    updateable: true,
    deletable: true,
    queryable: true,
    ...definedOf(told),
    name,
    fields: (fields ?? []).map(completeField),
  }
}

/** A field in which nothing is missing, on the same terms. */
export function completeField(told: ToldField): FieldDescription {
  const { name, type } = told
  const isWritable = type !== 'id'
  return {
    label: name,
    type: 'string',
    length: 0,
    precision: 0,
    scale: 0,
    digits: 0,
    nillable: true,
    createable: isWritable,
    updateable: isWritable,
    defaultedOnCreate: false,
    externalId: false,
    idLookup: false,
    unique: false,
    caseSensitive: false,
    calculated: false,
    autoNumber: false,
    referenceTo: [],
    relationshipName: null,
    compoundFieldName: null,
    restrictedPicklist: false,
    picklistValues: [],
    ...definedOf(told),
    name,
  }
}

type Defined<Told> = { readonly [Key in keyof Told]?: NonNullable<Told[Key]> }

function definedOf<Told extends object>(told: Told): Defined<Told> {
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)) as Defined<Told>
}
