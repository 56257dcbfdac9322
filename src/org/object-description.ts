/**
 * What `GET /sobjects/X/describe` says, as far as this program reads it. The whole answer is kept in `raw` files of the
 * local org; unknown keys pass through. Source: REST guide, "sObject Describe"; protocol notes on field types.
 */
export interface FieldDescription {
  readonly name: string
  readonly label: string
  /** `string`, `picklist`, `reference`, `double`, `date`, …; an unknown type is read as `string`. */
  readonly type: string
  readonly length: number
  readonly precision: number
  readonly scale: number
  readonly digits: number
  readonly nillable: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly defaultedOnCreate: boolean
  readonly externalId: boolean
  readonly idLookup: boolean
  readonly unique: boolean
  readonly caseSensitive: boolean
  readonly calculated: boolean
  readonly autoNumber: boolean
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  readonly polymorphicForeignKey?: boolean
  readonly compoundFieldName: string | null
  readonly restrictedPicklist: boolean
  readonly picklistValues: readonly {
    readonly active: boolean
    readonly value: string
    readonly label: string | null
  }[]
}

export interface ObjectDescription {
  readonly name: string
  readonly label: string
  readonly keyPrefix: string | null
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  /** Whether its records go to the recycle bin and come back from there. */
  readonly undeletable?: boolean
  readonly queryable: boolean
  /** What hangs on records of the object; not told by every source of a description. */
  readonly childRelationships?: readonly {
    readonly childSObject: string
    readonly field: string
    readonly cascadeDelete: boolean
  }[]
  readonly recordTypeInfos?: readonly RecordTypeInfo[]
  readonly fields: readonly FieldDescription[]
}

export interface RecordTypeInfo {
  readonly recordTypeId: string
  readonly name?: string
  readonly developerName?: string
  readonly active?: boolean
  /** Whether it stands for having none. */
  readonly master?: boolean
  /** Whether it is the one that the user's new records get. */
  readonly defaultRecordTypeMapping?: boolean
}

/** Whether a new record must have a value for the field (booleans default to false and are not required). */
export function isRequiredOnInsert(field: FieldDescription): boolean {
  return field.createable && !field.nillable && !field.defaultedOnCreate && field.type !== 'boolean'
}

/** Whether an upsert may be keyed by the field. */
export function isUpsertKey(field: FieldDescription): boolean {
  return field.externalId || field.idLookup || field.name === 'Id'
}
