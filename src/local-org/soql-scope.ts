import type { FieldType } from '@jetstreamapp/soql-parser-js'
import { quoteName } from '../sqlite/database.ts'
import { findField, type Schema, type StoredField, type StoredObject } from './schema.ts'
import { blobTable } from './schema-tables.ts'
import { compileCompound } from './soql-compound.ts'
import type { SoqlText } from './soql-errors.ts'

/** What every part of one query shares. */
export interface ScopeSettings {
  readonly schema: Schema
  readonly text: SoqlText
  readonly now: Date
  /** Records of the recycle bin as well. */
  readonly all: boolean
}

/** A field path of a query as SQL. */
export interface ResolvedField {
  readonly sql: string
  readonly type: string
  /** The path with its case from the describe answers. */
  readonly path: readonly string[]
  readonly field: StoredField
  /** The lookups that the path went through, from the query's object on. */
  readonly parents: readonly ResolvedParent[]
}

/** A parent record that a path goes through. */
export interface ResolvedParent {
  readonly relationship: string
  /** SQL of the parent's Id. */
  readonly id: string
  /** Object; `Name` for a lookup to several objects. */
  readonly object: string
  /** Which object an Id belongs to, by key prefix, for a lookup to several. */
  readonly objects?: ReadonlyMap<string, string>
}

/** The object of a FROM clause, its alias, and the parents that were asked for so far. */
export class Scope {
  readonly settings: ScopeSettings
  readonly object: StoredObject
  readonly sqlAlias: string
  readonly #alias: string | undefined
  readonly #joins = new Map<string, string>()

  constructor(settings: ScopeSettings, object: StoredObject, alias: string | undefined, sqlAlias: string) {
    this.settings = settings
    this.object = object
    this.sqlAlias = sqlAlias
    this.#alias = alias
  }

  get text(): SoqlText {
    return this.settings.text
  }

  /** A name for another object in the same statement. */
  nextAlias(): string {
    return `${this.sqlAlias}_${this.#aliases++}`
  }
  #aliases = 0

  /** FROM clause with the parents that were resolved so far. */
  from(): string {
    return [`FROM ${quoteName(this.object.name)} ${this.sqlAlias}`, ...this.#joins.values()].join(' ')
  }

  liveCondition(): string | undefined {
    return this.settings.all ? undefined : `${this.sqlAlias}.IsDeleted = 0`
  }

  /** Splits a path as it stands in a query and resolves it. */
  resolvePath(path: string): ResolvedField {
    return this.resolve(path.split('.'))
  }

  /** Throws `EngineError` for an unknown field or relationship. */
  resolve(names: readonly string[]): ResolvedField {
    const path = this.#withoutAlias(names)
    const name = path.at(-1) ?? ''
    let object = this.object
    let alias = this.sqlAlias
    const parents: ResolvedParent[] = []
    for (const [index, relationship] of path.slice(0, -1).entries()) {
      const lookup = findLookup(object, relationship)
      if (lookup?.relationshipName == null) throw this.text.unknownRelationship(relationship)
      const id = `${alias}.${quoteName(lookup.name)}`
      if (isPolymorphic(lookup)) {
        if (index < path.length - 2) throw this.text.unknownRelationship(path[index + 1] ?? '')
        const choices = lookup.referenceTo.flatMap((object) => this.settings.schema.find(object) ?? [])
        const objects = new Map(choices.map((choice) => [choice.keyPrefix, choice.name]))
        parents.push({ relationship: lookup.relationshipName, id, object: 'Name', objects })
        return this.#resolveName(lookup, choices, name, parents)
      }
      const parent = this.settings.schema.find(lookup.referenceTo[0] ?? '')
      if (parent === undefined) throw this.text.unknownRelationship(relationship)
      alias = this.#join(`${alias}.${lookup.name}`, parent, id)
      parents.push({ relationship: lookup.relationshipName, id: `${alias}.Id`, object: parent.name })
      object = parent
    }
    const field = findField(object, name)
    if (field === undefined) throw this.text.unknownField(name, object.name)
    const canonical = [...parents.map(({ relationship }) => relationship), field.name]
    return { sql: fieldSql(object, alias, field), type: field.type, path: canonical, field, parents }
  }

  /** `Account.Name` in a query of accounts, and `a.Name` after `FROM Account a`, mean the object itself. */
  #withoutAlias(names: readonly string[]): readonly string[] {
    const first = names.length > 1 ? names[0]?.toLowerCase() : undefined
    if (first === undefined) return names
    if (first === this.#alias?.toLowerCase()) return names.slice(1)
    const isObject = first === this.object.name.toLowerCase()
    return isObject && findLookup(this.object, first) === undefined ? names.slice(1) : names
  }

  #join(key: string, parent: StoredObject, id: string): string {
    const names = [...this.#joins.keys()]
    const position = names.indexOf(key)
    const alias = `${this.sqlAlias}p${position < 0 ? names.length : position}`
    if (position < 0) this.#joins.set(key, `LEFT JOIN ${quoteName(parent.name)} ${alias} ON ${alias}.Id = ${id}`)
    return alias
  }

  /**
   * A field of the parent behind a lookup to several objects: of the fields that the `Name` object has, each taken from
   * the object that the Id belongs to.
   */
  #resolveName(
    lookup: StoredField,
    objects: readonly StoredObject[],
    name: string,
    parents: readonly ResolvedParent[],
  ): ResolvedField {
    const id = parents.at(-1)?.id ?? ''
    const wanted = nameFields.find((field) => field.toLowerCase() === name.toLowerCase())
    const found = wanted === undefined ? [] : objects.flatMap((object) => findField(object, wanted) ?? [])
    const field = found[0] ?? (wanted === 'Type' || wanted === 'Name' ? lookup : undefined)
    if (wanted === undefined || field === undefined) throw this.text.unknownField(name, 'Name')
    const branches = objects.map((object) => {
      const value = wanted === 'Type' ? `'${object.name}'` : parentValue(object, wanted, id)
      return `WHEN '${object.keyPrefix}' THEN ${value}`
    })
    const sql = `(CASE substr(${id}, 1, 3) ${branches.join(' ')} END)`
    const type = wanted === 'Type' ? 'string' : field.type
    const path = [...parents.map(({ relationship }) => relationship), wanted]
    const described = { ...field, name: wanted, type, filterable: true, sortable: true, groupable: true }
    return { sql: `${sql}${type === 'id' ? '' : ' COLLATE NOCASE'}`, type, path, field: described, parents }
  }
}

/** The path of a selected field as it stands in the query, alias included. */
export function pathOf(field: Extract<FieldType, { type: 'Field' | 'FieldRelationship' }>): readonly string[] {
  const prefix = 'objectPrefix' in field ? [field.objectPrefix] : []
  return field.type === 'Field' ? [...prefix, field.field] : [...prefix, ...field.relationships, field.field]
}

/** Fields of the object `Name`. Source: object reference, Name. */
const nameFields = [
  'Id',
  'Name',
  'FirstName',
  'LastName',
  'Email',
  'Phone',
  'Title',
  'Type',
  'Alias',
  'Username',
  'IsActive',
  'ProfileId',
]

function parentValue(object: StoredObject, wanted: string, id: string): string {
  const field =
    findField(object, wanted) ?? (wanted === 'Name' ? object.fields.find(({ nameField }) => nameField) : undefined)
  if (field === undefined) return 'NULL'
  return `(SELECT ${quoteName(field.name)} FROM ${quoteName(object.name)} WHERE Id = ${id})`
}

export function findLookup(object: StoredObject, relationship: string): StoredField | undefined {
  const wanted = relationship.toLowerCase()
  return object.fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === wanted)
}

function isPolymorphic(lookup: StoredField): boolean {
  return lookup.referenceTo.length > 1
}

/** Compound fields are put together, a body stands for the Id of the record that has one. */
function fieldSql(object: StoredObject, alias: string, field: StoredField): string {
  if (field.type === 'address' || field.type === 'location') return compileCompound(object, alias, field)
  if (field.type !== 'base64') return `${alias}.${quoteName(field.name)}`
  return `(SELECT id FROM ${blobTable} WHERE id = ${alias}.Id AND field = '${field.name}' AND piece = 0)`
}
