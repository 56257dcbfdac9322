import { findNearest } from '../nearest.ts'
import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'

/** A name of a mapping that was found in the org: the name to send and how its values compare. */
export interface TargetField {
  /** As the service spells it; a parent by external ID keeps the user's notation. */
  readonly name: string
  /** Describe's type of the value; `string` for a parent by external ID, whose type lies in another object. */
  readonly type: string
  /** The field that is written; for a parent by external ID the reference that it fills. */
  readonly field: FieldDescription
  readonly isParent: boolean
}

/** Why a name cannot be a target. */
export interface FieldFault {
  readonly fault: string
  /** Whether it may as well be the name of a column that has nothing to do with the org. */
  readonly isUnknown?: boolean
}

/** `Account.ERP_Id__c`, or `Lead:Who.Email` where the reference may point to several objects. */
const parentNotation = /^(?:(?<object>\w+):)?(?<relationship>\w+)\.(?<key>\w+)$/

/**
 * Data Loader's notations: `Account:ERP_Id__c`, and since version 54 `Who:Lead-Email`, which names the object whether it is
 * needed or not (dataloader, ParentIdLookupFieldFormatter.java).
 */
const dataLoaderNotation = /^(?<relationship>\w+):(?:(?<object>\w+)-)?(?<key>\w+)$/

/** The object and the field by which a target that is a parent finds it. */
export function parentOf({ name, field }: TargetField): { readonly object: string; readonly key: string } {
  const { object, key = '' } = parentNotation.exec(name)?.groups ?? {}
  return { object: object ?? field.referenceTo[0] ?? '', key }
}

/** Finds the fields of one object by API name, any case, and by label. */
export class FieldNames {
  readonly object: ObjectDescription
  readonly #byName = new Map<string, FieldDescription>()
  readonly #byLabel = new Map<string, FieldDescription[]>()

  constructor(object: ObjectDescription) {
    this.object = object
    for (const field of object.fields) {
      this.#byName.set(field.name.toLowerCase(), field)
      const label = field.label.toLowerCase()
      this.#byLabel.set(label, [...(this.#byLabel.get(label) ?? []), field])
    }
  }

  /** Field or parent notation by API name; undefined when the object has none, or a reason why the notation is wrong. */
  find(name: string): TargetField | FieldFault | undefined {
    const field = this.#byName.get(name.toLowerCase())
    if (field) return { name: field.name, type: field.type, field, isParent: false }
    return this.#findParent(name)
  }

  /** The one field with this label among those that `accept` takes; undefined when there is none or more than one. */
  findByLabel(label: string, accept: (field: FieldDescription) => boolean): TargetField | undefined {
    const [field, ...others] = (this.#byLabel.get(label.trim().toLowerCase()) ?? []).filter(accept)
    return field && others.length === 0 ? { name: field.name, type: field.type, field, isParent: false } : undefined
  }

  /** Every API name, for suggestions. */
  names(): string[] {
    return this.object.fields.map((field) => field.name)
  }

  // Rule of the type prefix: required where the reference may point to several objects, an error elsewhere
  // (Bulk API guide, "Relationship Fields in a Header Row").
  #findParent(name: string): TargetField | FieldFault | undefined {
    const foreign = dataLoaderNotation.exec(name)?.groups
    const parts = foreign ?? parentNotation.exec(name)?.groups
    if (!parts?.relationship || !parts.key) return undefined
    const relationship = parts.relationship.toLowerCase()
    const field = this.object.fields.find((candidate) => candidate.relationshipName?.toLowerCase() === relationship)
    if (!field) return this.#explainRelationship(parts.relationship, parts.key)
    const targets = field.referenceTo
    const [only] = targets
    const told = targets.find((target) => target.toLowerCase() === parts.object?.toLowerCase())
    const own = `${field.relationshipName}.${parts.key}`
    if (parts.object && !told) {
      return { fault: `${field.name} may point to ${targets.join(', ')}, not to ${parts.object}` }
    }
    if (targets.length === 1 && parts.object && !foreign) {
      return { fault: `${field.name} points to ${only} alone: write ${own}` }
    }
    if (targets.length > 1 && !told) {
      return { fault: `${field.name} may point to ${targets.join(', ')}: say which, as in ${only}:${own}` }
    }
    const spelt = targets.length > 1 ? `${told}:${own}` : own
    return { name: foreign ? spelt : name, type: 'string', field, isParent: true }
  }

  /** What a relationship that the object does not have is taken for. */
  #explainRelationship(wanted: string, key: string): FieldFault {
    const meant = this.object.fields.find(
      ({ name, relationshipName }) =>
        relationshipName && [name, relationshipName].some((own) => differsInEnding(own, wanted)),
    )
    if (meant) {
      return { fault: `${this.object.name} has no relationship ${wanted}: write ${meant.relationshipName}.${key}` }
    }
    const known = this.object.fields.flatMap(({ relationshipName }) => relationshipName ?? [])
    const near = findNearest(wanted, known)
    const hint = near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''
    const fault = `${this.object.name} has no relationship ${wanted}${hint}; it has ${known.join(', ') || 'none'}`
    return { fault, isUnknown: true }
  }
}

/** Whether two names differ in the ending alone that tells a relationship from a field. */
function differsInEnding(one: string, other: string): boolean {
  const [first, second] = [one, other].map((name) => name.toLowerCase().replace(/__[cr]$/, ''))
  return first === second
}
