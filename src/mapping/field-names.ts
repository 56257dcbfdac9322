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

/** `Account.ERP_Id__c`, or `Lead:Who.Email` where the reference may point to several objects. */
const parentNotation = /^(?:(?<object>\w+):)?(?<relationship>\w+)\.(?<key>\w+)$/

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
  find(name: string): TargetField | { readonly fault: string } | undefined {
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
  #findParent(name: string): TargetField | { readonly fault: string } | undefined {
    const parts = parentNotation.exec(name)?.groups
    if (!parts?.relationship) return undefined
    const relationship = parts.relationship.toLowerCase()
    const field = this.object.fields.find((candidate) => candidate.relationshipName?.toLowerCase() === relationship)
    if (!field) return undefined
    const targets = field.referenceTo
    const [only] = targets
    if (targets.length === 1 && parts.object && only) {
      return { fault: `${field.name} points to ${only} alone: write ${field.relationshipName}.${parts.key}` }
    }
    if (targets.length > 1 && !parts.object) {
      return {
        fault: `${field.name} may point to ${targets.join(', ')}: say which, as in ${only}:${field.relationshipName}.${parts.key}`,
      }
    }
    if (parts.object && !targets.some((target) => target.toLowerCase() === parts.object?.toLowerCase())) {
      return { fault: `${field.name} may point to ${targets.join(', ')}, not to ${parts.object}` }
    }
    return { name, type: 'string', field, isParent: true }
  }
}
