import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'

/** What a column of a part fills. */
export interface SoapColumn {
  /** The field; for a parent by external ID the reference to it. */
  readonly field: FieldDescription
  readonly parent: ParentKey | undefined
}

/** A parent that is named by a key of its own. */
export interface ParentKey {
  /** Element of the parent in the record: the relationship's name. */
  readonly element: string
  /** API name of the parent's object. */
  readonly type: string
  /** Field of the parent that the cell is a value of. */
  readonly key: string
}

/** `Account.ERP_Id__c`, or `Lead:Who.Email` where the reference may point to several objects. */
const parentNotation = /^(?:(?<type>\w+):)?(?<relationship>\w+)\.(?<key>\w+)$/

/** Finds the fields of a part's header, which was made from the same description. */
export function findColumns(header: readonly string[], object: ObjectDescription): readonly SoapColumn[] {
  return header.map((name) => findField(name, object) ?? findParent(name, object) ?? unknown(name, object))
}

function findField(name: string, { fields }: ObjectDescription): SoapColumn | undefined {
  const field = fields.find((candidate) => isSame(candidate.name, name))
  return field && { field, parent: undefined }
}

function findParent(name: string, { fields }: ObjectDescription): SoapColumn | undefined {
  const { type, relationship = '', key = '' } = parentNotation.exec(name)?.groups ?? {}
  const field = fields.find(
    ({ relationshipName }) => relationshipName !== null && isSame(relationshipName, relationship),
  )
  if (!field) return undefined
  const object = field.referenceTo.find((target) => type === undefined || isSame(target, type)) ?? type ?? ''
  return { field, parent: { element: field.relationshipName ?? '', type: object, key } }
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function unknown(name: string, object: ObjectDescription): never {
  throw new Error(`${object.name} has no field ${name}, and the rows have a column for it`)
}
