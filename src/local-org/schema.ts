import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'
import { builtInObjects } from './schema-objects.ts'

/** What the engine reads of a describe answer beyond what the rest of the program reads. */
export interface StoredField extends FieldDescription {
  readonly custom: boolean
  readonly filterable: boolean
  readonly sortable: boolean
  readonly groupable: boolean
  readonly defaultValue: string | boolean | number | null
  readonly calculatedFormula: string | null
  readonly extraTypeInfo: string | null
  readonly nameField: boolean
  readonly cascadeDelete?: boolean
  readonly restrictedDelete?: boolean
  readonly picklistValues: readonly {
    readonly active: boolean
    readonly value: string
    readonly label: string | null
    readonly defaultValue: boolean
  }[]
}

/** A relationship from a parent to its children. */
export interface ChildRelationship {
  readonly childSObject: string
  readonly field: string
  readonly relationshipName: string | null
  readonly cascadeDelete: boolean
  readonly restrictedDelete: boolean
}

export interface StoredObject extends ObjectDescription {
  readonly labelPlural: string
  readonly custom: boolean
  readonly undeletable: boolean
  readonly keyPrefix: string
  readonly fields: readonly StoredField[]
  readonly childRelationships: readonly ChildRelationship[]
  /**
   * Values of picklists by the Id of a record type and the name of the field. No describe answer has this key: a file for the local
   * org may, since the service tells it apart (User Interface API guide, "Picklist Values Collection").
   */
  readonly recordTypePicklists?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

/** The described objects of an org. */
export class Schema {
  readonly objects: readonly StoredObject[]
  readonly #byName: ReadonlyMap<string, StoredObject>
  readonly #byPrefix: ReadonlyMap<string, StoredObject>

  constructor(objects: readonly StoredObject[]) {
    this.objects = [...objects].sort((a, b) => (a.name < b.name ? -1 : 1))
    this.#byName = new Map(objects.map((object) => [object.name.toLowerCase(), object]))
    this.#byPrefix = new Map(objects.map((object) => [object.keyPrefix, object]))
  }

  /** Object by API name, any case. */
  find(name: string): StoredObject | undefined {
    return this.#byName.get(name.toLowerCase())
  }

  /** Object that a record id belongs to. */
  findById(id: string): StoredObject | undefined {
    return this.#byPrefix.get(id.slice(0, 3))
  }
}

/** Field by API name, any case. */
export function findField(object: StoredObject, name: string): StoredField | undefined {
  let byName = fieldsByName.get(object)
  if (byName === undefined) {
    byName = new Map(object.fields.map((field) => [field.name.toLowerCase(), field]))
    fieldsByName.set(object, byName)
  }
  return byName.get(name.toLowerCase())
}

/** Kept beside the objects: what an object holds is what a describe request is answered with. */
const fieldsByName = new WeakMap<StoredObject, ReadonlyMap<string, StoredField>>()

/**
 * The built-in objects and those of the `*.json` files of a folder: answers of `GET /sobjects/X/describe`. A file that
 * describes a built-in object replaces it. Throws what the file system and the JSON parser throw.
 */
export function loadSchema(folder: string | undefined): Schema {
  const described = new Map<string, DescribeAnswer>()
  for (const answer of builtInObjects as readonly unknown[]) addAnswer(described, answer)
  if (folder !== undefined) {
    for (const file of readdirSync(folder).sort()) {
      if (file.endsWith('.json')) addAnswer(described, JSON.parse(readFileSync(join(folder, file), 'utf8')))
    }
  }
  const prefixes = new Set<string>()
  return new Schema([...described.values()].map((answer) => toStoredObject(answer, described, prefixes)))
}

/** Foreign JSON: every key may be missing. */
type DescribeAnswer = { readonly name: string } & Partial<Omit<StoredObject, 'name'>>

function addAnswer(described: Map<string, DescribeAnswer>, answer: unknown): void {
  const object = answer as DescribeAnswer
  described.set(object.name, object)
}

function toStoredObject(
  answer: DescribeAnswer,
  described: ReadonlyMap<string, DescribeAnswer>,
  prefixes: Set<string>,
): StoredObject {
  const fields = answer.fields ?? []
  const keyPrefix = choosePrefix(answer.keyPrefix, prefixes)
  return {
    ...answer,
    label: answer.label ?? answer.name,
    labelPlural: answer.labelPlural ?? answer.name,
    custom: answer.custom ?? answer.name.endsWith('__c'),
    createable: answer.createable ?? true,
    updateable: answer.updateable ?? true,
    deletable: answer.deletable ?? true,
    undeletable: answer.undeletable ?? true,
    queryable: answer.queryable ?? true,
    keyPrefix,
    fields,
    childRelationships: childrenOf(answer, described),
  }
}

/** The relationships that the describe file lists, and those of objects which it does not know. */
function childrenOf(parent: DescribeAnswer, described: ReadonlyMap<string, DescribeAnswer>): ChildRelationship[] {
  const listed = (parent.childRelationships ?? []).filter(({ childSObject }) => described.has(childSObject))
  const known = new Set(listed.map(({ childSObject, field }) => `${childSObject}.${field}`))
  const added: ChildRelationship[] = []
  for (const child of described.values()) {
    for (const field of child.fields ?? []) {
      if (!field.referenceTo.includes(parent.name) || known.has(`${child.name}.${field.name}`)) continue
      const childSObject = child.name
      const { cascadeDelete = false, restrictedDelete = false } = field
      added.push({ childSObject, field: field.name, relationshipName: null, cascadeDelete, restrictedDelete })
    }
  }
  return [...listed, ...added]
}

/** Two described objects of different orgs may have the same key prefix; here each has its own. */
function choosePrefix(wanted: string | null | undefined, taken: Set<string>): string {
  let prefix = wanted ?? 'a00'
  for (let number = 0; taken.has(prefix); number++) prefix = `z${number.toString(36).padStart(2, '0')}`
  taken.add(prefix)
  return prefix
}
