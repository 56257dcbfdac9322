import type { FieldTypeOf } from '@jetstreamapp/soql-parser-js'
import { quoteName } from '../sqlite/database.ts'
import { findLookup, Scope } from './soql-scope.ts'
import type { TypeofBranch } from './soql-shape.ts'

/**
 * Compiles `TYPEOF What WHEN Account THEN Phone ELSE Name END` to a cell of JSON: the cells of the branch that fits.
 * Source: SOQL guide, TYPEOF.
 */
export function compileTypeof(
  clause: FieldTypeOf,
  scope: Scope,
): { readonly sql: string; readonly name: string; readonly id: string; readonly branches: readonly TypeofBranch[] } {
  const lookup = findLookup(scope.object, clause.field)
  if (lookup?.relationshipName == null) throw scope.text.unknownRelationship(clause.field)
  const id = `${scope.sqlAlias}.${quoteName(lookup.name)}`
  const otherwise = clause.conditions.find(({ type }) => type === 'ELSE')
  const compiled = lookup.referenceTo.flatMap((name) => {
    const object = scope.settings.schema.find(name)
    const condition = clause.conditions.find(({ objectType }) => objectType?.toLowerCase() === name.toLowerCase())
    const fields = condition?.fieldList ?? otherwise?.fieldList
    if (object === undefined || fields === undefined) return []
    const branch = new Scope(scope.settings, object, undefined, scope.nextAlias())
    const known =
      condition === undefined
        ? fields.filter((field) => object.fields.some((f) => f.name.toLowerCase() === field.toLowerCase()))
        : fields
    const resolved = known.map((field) => branch.resolvePath(field))
    const cells = `json_array(${resolved.map(({ sql }) => sql).join(', ')})`
    return {
      object: object.name,
      keyPrefix: object.keyPrefix,
      fields: resolved.map(({ field, type }) => ({ name: field.name, type })),
      sql: `WHEN '${object.keyPrefix}' THEN (SELECT ${cells} ${branch.from()} WHERE ${branch.sqlAlias}.Id = ${id})`,
    }
  })
  const cases = compiled.map(({ sql }) => sql).join(' ')
  const sql = cases === '' ? 'NULL' : `(CASE substr(${id}, 1, 3) ${cases} END)`
  return { sql, name: lookup.relationshipName, id, branches: compiled.map(({ sql: _, ...branch }) => branch) }
}
