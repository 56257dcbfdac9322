import { UsageError } from '../errors.ts'
import { parsePlainQuery } from './plain-query.ts'

/** Fields that tell which rows are new and which are gone. */
const markFields = ['Id', 'SystemModstamp', 'IsDeleted'] as const

/**
 * The query for the rows that changed at or after `from` (milliseconds since 1970; undefined for all rows), with the fields
 * at its end that it lacks and the marks need: `Id`, `SystemModstamp`, `IsDeleted`. Throws `UsageError` for a query whose
 * changes cannot be told: functions, grouping, LIMIT.
 */
export function makeIncremental(soql: string, from: number | undefined): string {
  const plain = parsePlainQuery(soql)
  if (plain === undefined || plain.limit !== undefined) {
    throw new UsageError('--incremental takes a query of plain fields without LIMIT', {
      code: 'NOT_INCREMENTAL',
      hint: 'SELECT fields FROM object, with or without WHERE and ORDER BY; an address by its parts',
    })
  }
  const named = new Set(plain.fields.map((path) => path.join('.').toLowerCase()))
  const added = markFields.filter((field) => !named.has(field.toLowerCase())).map((field) => `, ${field}`)
  const { select, condition, rest } = cutAtClauses(soql)
  const conditions = [
    ...(condition === undefined ? [] : [`(${condition})`]),
    ...(from === undefined ? [] : [`SystemModstamp >= ${new Date(from).toISOString()}`]),
  ]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return select.replace(/\s+from\s/i, `${added.join('')}$&`) + where + rest
}

/** `SELECT … FROM object`, the condition of its WHERE, and what follows it with the space before. */
function cutAtClauses(soql: string) {
  const outline = blankInside(soql.trim())
  const text = soql.trim()
  const tail = /\s+(?:with|order\s+by)\b/i.exec(outline)?.index ?? text.length
  const where = /\s+where\s+/i.exec(outline.slice(0, tail))
  if (where === null) return { select: text.slice(0, tail), condition: undefined, rest: text.slice(tail) }
  const condition = text.slice(where.index + where[0].length, tail)
  return { select: text.slice(0, where.index), condition, rest: text.slice(tail) }
}

/** The query with what stands in quotes and brackets blanked, every character at its place. */
function blankInside(soql: string): string {
  let outline = soql.replace(/'(?:[^'\\]|\\.)*'/g, (quoted) => '_'.repeat(quoted.length))
  for (;;) {
    const next = outline.replace(/\([^()]*\)/g, (inner) => '_'.repeat(inner.length))
    if (next === outline) return outline
    outline = next
  }
}
