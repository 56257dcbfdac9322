import type { FieldType, Query, Subquery } from '@jetstreamapp/soql-parser-js'
import type { QueryColumn } from './engine.ts'
import { pathOf, type ResolvedField, Scope } from './soql-scope.ts'
import type { CompiledSelect, RecordShape, ShapeMember } from './soql-shape.ts'
import { compileTail } from './soql-tail.ts'
import { compileTypeof } from './soql-typeof.ts'

/** Compiles the SELECT list of a query of records. */
export function compileSelect(query: Query | Subquery, scope: Scope): CompiledSelect {
  const fields = expandFieldLists(query, scope)
  const builder = new SelectBuilder(scope)
  for (const field of fields) addField(builder, scope, field)
  return builder.build(scope.object.name)
}

/** Collects cells and puts each into the shape. */
class SelectBuilder {
  readonly #scope: Scope
  readonly #visible: { readonly sql: string; readonly column: QueryColumn }[] = []
  readonly #hidden: string[] = []
  readonly #places: { readonly member: (cell: number) => ShapeMember; readonly parents: ResolvedField['parents'] }[] =
    []
  readonly #keys = new Set<string>()

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** Adds a column and says where in the record it goes. Throws for a column that is there already. */
  add(
    sql: string,
    column: QueryColumn,
    parents: ResolvedField['parents'],
    member: (cell: number) => ShapeMember,
  ): void {
    const key = column.name.toLowerCase()
    if (this.#keys.has(key)) {
      throw this.#scope.text.error('INVALID_FIELD', column.name, `duplicate field selected: ${column.name}`)
    }
    this.#keys.add(key)
    this.#visible.push({ sql, column })
    this.#places.push({ member, parents })
  }

  /** Number of a cell that only the shape needs, counted after the columns. */
  hide(sql: string): number {
    const known = this.#hidden.indexOf(sql)
    return known >= 0 ? known : this.#hidden.push(sql) - 1
  }

  build(object: string): CompiledSelect {
    const root: NestedMembers = { id: this.hide(`${this.#scope.sqlAlias}.Id`), object, members: new Map() }
    this.#places.forEach(({ member, parents }, cell) => {
      let node = root
      for (const parent of parents) node = this.#nest(node, parent)
      const made = member(cell)
      node.members.set(made.key, made)
    })
    const offset = this.#visible.length
    return {
      cells: [...this.#visible.map(({ sql }) => sql), ...this.#hidden],
      columns: this.#visible.map(({ column }) => column),
      shape: freeze(root, offset),
    }
  }

  #nest(node: NestedMembers, parent: ResolvedField['parents'][number]): NestedMembers {
    const known = node.members.get(parent.relationship)
    if (known !== undefined && 'members' in known) return known
    const { object, objects } = parent
    const nested: NestedMembers = { id: this.hide(parent.id), object, objects, members: new Map() }
    node.members.set(parent.relationship, nested)
    return nested
  }
}

interface NestedMembers {
  readonly id: number
  readonly object: string
  readonly objects?: ReadonlyMap<string, string> | undefined
  readonly members: Map<string, ShapeMember | NestedMembers>
}

function freeze(node: NestedMembers, offset: number): RecordShape {
  const members = [...node.members].map(([key, member]): ShapeMember => {
    if ('members' in member) return { kind: 'parent', key, shape: freeze(member, offset) }
    return member.kind === 'typeof' ? { ...member, id: member.id + offset } : member
  })
  return { object: node.object, objects: node.objects, id: node.id + offset, members }
}

function addField(builder: SelectBuilder, scope: Scope, field: FieldType): void {
  switch (field.type) {
    case 'Field':
    case 'FieldRelationship':
      if ('alias' in field && field.alias !== undefined) {
        throw scope.text.error('MALFORMED_QUERY', field.alias, 'only aggregate expressions use field aliasing')
      }
      addValue(builder, scope.resolve(pathOf(field)), undefined)
      break
    case 'FieldSubquery':
      addChildren(builder, scope, field.subquery)
      break
    case 'FieldTypeof': {
      const { sql, name, id, branches } = compileTypeof(field, scope)
      const hidden = builder.hide(id)
      builder.add(sql, { name, type: 'anyType' }, [], (cell) => ({
        kind: 'typeof',
        key: name,
        cell,
        id: hidden,
        branches,
      }))
      break
    }
    default:
      addFunction(builder, scope, field)
  }
}

function addValue(
  builder: SelectBuilder,
  resolved: ResolvedField,
  alias: string | undefined,
  sql = resolved.sql,
): void {
  const { type, path, field, parents } = resolved
  const key = alias ?? path.at(-1) ?? ''
  const name = alias ?? path.join('.')
  builder.add(sql, { name, type }, parents, (cell) => ({ kind: 'value', key, cell, type, field: field.name }))
}

/** Functions that change how a value is shown: labels are the values here, and there is one currency and one zone. */
function addFunction(
  builder: SelectBuilder,
  scope: Scope,
  field: Extract<FieldType, { type: 'FieldFunctionExpression' }>,
): void {
  const [parameter] = field.parameters
  const name = field.functionName.toLowerCase()
  if (typeof parameter !== 'string' || !/^(?:tolabel|format|convertcurrency|converttimezone)$/.test(name)) {
    throw scope.text.error('MALFORMED_QUERY', field.functionName, `Function not supported here: ${field.functionName}`)
  }
  const resolved = scope.resolvePath(parameter)
  const asText = name === 'format' && resolved.type !== 'datetime' ? { ...resolved, type: 'string' } : resolved
  addValue(builder, asText, field.alias, name === 'format' ? `CAST(${resolved.sql} AS TEXT)` : resolved.sql)
}

/** Children come as one cell of JSON, so that they are of the same moment as their parent. */
function addChildren(builder: SelectBuilder, scope: Scope, subquery: Subquery): void {
  const wanted = subquery.relationshipName.toLowerCase()
  const relation = scope.object.childRelationships.find((child) => child.relationshipName?.toLowerCase() === wanted)
  const object = relation && scope.settings.schema.find(relation.childSObject)
  if (relation?.relationshipName == null || object === undefined) {
    throw scope.text.unknownChildren(subquery.relationshipName)
  }
  const child = new Scope(scope.settings, object, subquery.sObjectAlias, scope.nextAlias())
  const { cells, shape } = compileSelect(subquery, child)
  const belongs = `${child.sqlAlias}.${relation.field} = ${scope.sqlAlias}.Id AND ${child.sqlAlias}.${relation.field} IS NOT NULL`
  const rows = `SELECT json_array(${cells.join(', ')}) AS cells ${compileTail(subquery, child, belongs)}`
  const sql = `(SELECT json_group_array(json(cells)) FROM (${rows}))`
  const key = relation.relationshipName
  builder.add(sql, { name: key, type: 'complexvalue' }, [], (cell) => ({ kind: 'children', key, cell, shape }))
}

/** `FIELDS(ALL)` and `FIELDS(CUSTOM)` need a limit of 200. Source: SOQL guide, FIELDS(). */
function expandFieldLists(query: Query | Subquery, scope: Scope): FieldType[] {
  return (query.fields ?? []).flatMap((field): FieldType[] => {
    if (field.type !== 'FieldFunctionExpression' || field.functionName.toUpperCase() !== 'FIELDS') return [field]
    const list = String(field.parameters[0]).toUpperCase()
    if (list !== 'STANDARD' && (query.limit === undefined || query.limit > 200)) {
      const message = 'The SOQL FIELDS function must have a LIMIT of at most 200'
      throw scope.text.error('MALFORMED_QUERY', 'FIELDS', message)
    }
    return scope.object.fields
      .filter(({ custom }) => list === 'ALL' || custom === (list === 'CUSTOM'))
      .map(({ name }) => ({ type: 'Field', field: name }))
  })
}
