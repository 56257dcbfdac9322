/** A query that both APIs answer in the same columns: fields of an object and of its parents, nothing else selected. */
export interface PlainQuery {
  readonly object: string
  /** As typed, split at the dots. */
  readonly fields: readonly (readonly string[])[]
  readonly limit: number | undefined
}

/**
 * Reads the parts of a plain query; undefined for every other one: functions, subqueries, TYPEOF, aliases, FOR and ALL ROWS,
 * and fields that look like addresses and locations, which Bulk gives in parts.
 */
export function parsePlainQuery(soql: string): PlainQuery | undefined {
  const { list, object = '', rest = '' } = plainShape.exec(soql)?.groups ?? {}
  if (list === undefined || notPlain.test(rest.replace(texts, "''"))) return undefined
  const fields = list.split(',').map((field) => field.trim().split('.'))
  const isOdd = fields.some(
    (path) => path.includes('') || isSame(path[0], object) || compoundName.test(path.at(-1) ?? ''),
  )
  if (isOdd) return undefined
  const limit = /\blimit\s+(\d+)\s*$/i.exec(rest)?.[1]
  return { object, fields, limit: limit === undefined ? undefined : Number(limit) }
}

const plainShape =
  /^\s*select\s+(?<list>[\w.]+(?:\s*,\s*[\w.]+)*)\s+from\s+(?<object>\w+)(?<rest>$|\s+(?:where|with|order|limit)\b[\s\S]*$)/i
const notPlain = /\b(?:for\s+(?:view|reference|update)|all\s+rows|offset|group\s+by|typeof)\b/i
const texts = /'(?:[^'\\]|\\.)*'/g
const compoundName = /(?:address|location)(?:__c)?$/i

function isSame(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase()
}
