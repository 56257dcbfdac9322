import type { Query } from '@jetstreamapp/soql-parser-js'
import type { Org } from '../org/org.ts'
import { parseSoql } from './read-soql.ts'

export interface ExpandedQuery {
  readonly soql: string
  /** Each compound field with the fields that stand in its place. */
  readonly expanded: readonly { readonly field: string; readonly parts: readonly string[] }[]
}

/**
 * The query with every address and location of its SELECT replaced by its parts (`BillingStreet`, `BillingCity`, …),
 * which is all that Bulk API 2.0 can give. Undefined when there is none. Costs a describe for each object named.
 */
export async function expandCompoundFields(org: Org, soql: string): Promise<ExpandedQuery | undefined> {
  const query = await parseSoql(soql)
  const list = /^(\s*select\s+)(.*?)(\s+from\s.*)$/is.exec(soql)
  if (query?.sObject === undefined || list === null) return undefined
  const [, before = '', selected = '', after = ''] = list
  const compounds = await findCompoundFields(org, query.sObject, query)
  if (compounds.size === 0) return undefined
  const items = selected.split(',').map((item) => item.trim())
  const named = new Set(items.map((item) => item.toLowerCase()))
  const replaced = items.flatMap((item) => {
    const parts = compounds.get(item.toLowerCase())
    return parts === undefined ? [item] : parts.filter((part) => !named.has(part.toLowerCase()))
  })
  return {
    soql: `${before}${replaced.join(', ')}${after}`,
    expanded: items.flatMap((field) => {
      const parts = compounds.get(field.toLowerCase())
      return parts === undefined ? [] : [{ field, parts }]
    }),
  }
}

/** Parts of the compound fields in the SELECT, by the field as it is written there, in lower case. */
async function findCompoundFields(
  org: Org,
  object: string,
  query: Query,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for (const field of query.fields ?? []) {
    if (field.type !== 'Field' && field.type !== 'FieldRelationship') continue
    const parents = field.type === 'FieldRelationship' ? field.relationships : []
    const parts = await partsOf(org, object, parents, field.field)
    const prefix = 'objectPrefix' in field ? [field.objectPrefix, ...parents] : parents
    const written = [...prefix, field.field].join('.').toLowerCase()
    if (parts.length > 0)
      found.set(
        written,
        parts.map((part) => [...prefix, part].join('.')),
      )
  }
  return found
}

/** Fields that make up a compound one; none for an ordinary field or an unknown path. */
async function partsOf(org: Org, object: string, parents: readonly string[], name: string): Promise<readonly string[]> {
  const { fields } = await org.describe(object)
  const [parent, ...further] = parents
  if (parent !== undefined) {
    const reference = fields.find((field) => field.relationshipName?.toLowerCase() === parent.toLowerCase())
    const target = reference?.referenceTo[0]
    return target === undefined ? [] : await partsOf(org, target, further, name)
  }
  const compound = fields.find((field) => field.name.toLowerCase() === name.toLowerCase())
  if (compound === undefined || !compoundTypes.has(compound.type)) return []
  return fields
    .filter((field) => field.compoundFieldName === compound.name && field !== compound)
    .map((field) => field.name)
}

/** Types of fields that are made up of others. */
export const compoundTypes: ReadonlySet<string> = new Set(['address', 'location'])
