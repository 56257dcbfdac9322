import type { FieldType } from '@jetstreamapp/soql-parser-js'
import type { FieldDescription, ObjectDescription } from '../../org/object-description.ts'
import type { Engine } from '../engine.ts'
import { loadSoqlParser } from '../load-soql-parser.ts'
import { isObject } from './api-request.ts'

/** What a query will answer, one entry per column. Parents and subqueries hold their own columns in `joinColumns`. */
export interface ColumnMetadata {
  readonly aggregate: boolean
  readonly apexType: string | null
  readonly booleanType: boolean
  readonly columnName: string
  readonly custom: boolean
  /** Differs from the name for functions: `avg(Amount)`. */
  readonly displayName: string
  /** For a parent: the field that refers to it. */
  readonly foreignKeyName: string | null
  readonly insertable: boolean
  readonly joinColumns: ColumnMetadata[]
  readonly numberType: boolean
  readonly textType: boolean
  readonly updatable: boolean
}

/**
 * The answer to a query with `columns=true`, which the Salesforce CLI asks for to draw its tables. No guide describes
 * it; the keys are those that the CLI's tests hold. Throws `EngineError` when the query is wrong.
 */
export function describeColumns(engine: Engine, soql: string): Record<string, unknown> {
  const result = engine.query(soql, { all: false, surface: 'rest' })
  result.close()
  const query = loadSoqlParser().parseQuery(soql)
  const object = engine.describe(result.object)
  const fields = query.fields ?? []
  const columns: ColumnMetadata[] = []
  if (result.kind === 'records') {
    const subqueries = fields.flatMap((field) => (field.type === 'FieldSubquery' ? [field.subquery] : []))
    for (const { name, type } of result.columns) {
      const children = subqueries.find(({ relationshipName }) => relationshipName.toLowerCase() === name.toLowerCase())
      if (children === undefined || type !== 'complexvalue') addPath(engine, columns, object, name.split('.'))
      else columns.push(describeChildren(engine, object, name, children.fields ?? []))
    }
  } else {
    for (const [index, { name, type }] of result.columns.entries()) {
      const field = fields[index]
      if (field?.type === 'FieldFunctionExpression') columns.push(describeFunction(name, type, field))
      else addPath(engine, columns, object, [name])
    }
  }
  return {
    columnMetadata: columns,
    entityName: result.object,
    groupBy: query.groupBy !== undefined,
    idSelected: columns.some(({ columnName }) => columnName === 'Id'),
    keyPrefix: object?.keyPrefix ?? null,
  }
}

/** A field, or a field of a parent, which goes under the parent's entry. */
function addPath(
  engine: Engine,
  columns: ColumnMetadata[],
  object: ObjectDescription | undefined,
  path: readonly string[],
): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    columns.push(describeField(first, findField(object, first)))
    return
  }
  const lookup = object?.fields.find((field) => field.relationshipName?.toLowerCase() === first.toLowerCase())
  const name = lookup?.relationshipName ?? first
  let parent = columns.find(({ columnName }) => columnName === name)
  if (parent === undefined) {
    parent = { ...describeName(name), foreignKeyName: lookup?.name ?? null }
    columns.push(parent)
  }
  const parents = lookup?.referenceTo ?? []
  addPath(engine, parent.joinColumns, parents.length === 1 ? engine.describe(parents[0]!) : undefined, rest)
}

function describeChildren(
  engine: Engine,
  object: ObjectDescription | undefined,
  name: string,
  fields: readonly FieldType[],
): ColumnMetadata {
  const joinColumns: ColumnMetadata[] = []
  const child = engine.describe(findChildObject(object, name))
  for (const field of fields) {
    if (field.type === 'Field') addPath(engine, joinColumns, child, [field.field])
    if (field.type === 'FieldRelationship') addPath(engine, joinColumns, child, [...field.relationships, field.field])
  }
  return { ...describeName(name), aggregate: true, joinColumns }
}

function describeFunction(
  name: string,
  type: string,
  { functionName, parameters }: Extract<FieldType, { type: 'FieldFunctionExpression' }>,
): ColumnMetadata {
  const words = parameters.filter((parameter) => typeof parameter === 'string')
  return {
    ...describeName(name),
    aggregate: true,
    displayName: `${functionName.toLowerCase()}(${words.join(',')})`,
    numberType: numberTypes.has(type),
    textType: !numberTypes.has(type),
  }
}

function describeField(name: string, field: FieldDescription | undefined): ColumnMetadata {
  const type = field?.type ?? 'string'
  return {
    ...describeName(field?.name ?? name),
    apexType: apexTypes[type] ?? 'String',
    booleanType: type === 'boolean',
    custom: name.endsWith('__c'),
    insertable: field?.createable ?? false,
    numberType: numberTypes.has(type),
    textType: apexTypes[type] === undefined,
    updatable: field?.updateable ?? false,
  }
}

function describeName(name: string): ColumnMetadata {
  return {
    aggregate: false,
    apexType: null,
    booleanType: false,
    columnName: name,
    custom: false,
    displayName: name,
    foreignKeyName: null,
    insertable: false,
    joinColumns: [],
    numberType: false,
    textType: false,
    updatable: false,
  }
}

const numberTypes: ReadonlySet<string> = new Set(['int', 'double', 'currency', 'percent'])

/** Everything else is a `String`. */
const apexTypes: Readonly<Record<string, string>> = {
  id: 'Id',
  reference: 'Id',
  boolean: 'Boolean',
  int: 'Integer',
  double: 'Double',
  currency: 'Double',
  percent: 'Double',
  date: 'Date',
  datetime: 'Datetime',
  time: 'Time',
  base64: 'Blob',
  address: 'Address',
  location: 'Location',
}

function findField(object: ObjectDescription | undefined, name: string): FieldDescription | undefined {
  return object?.fields.find((field) => field.name.toLowerCase() === name.toLowerCase())
}

/** A describe answer names the children; the empty text stands for an object that it does not name. */
function findChildObject(object: ObjectDescription | undefined, relationship: string): string {
  const relationships: unknown = object !== undefined && 'childRelationships' in object ? object.childRelationships : []
  if (!Array.isArray(relationships)) return ''
  const found: unknown = relationships.find((each) => isObject(each) && each.relationshipName === relationship)
  return isObject(found) ? String(found.childSObject) : ''
}
