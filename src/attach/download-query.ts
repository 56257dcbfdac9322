import { parseSoql } from '../extract/read-soql.ts'

/** What a query for bodies asks for. */
export interface DownloadQuery {
  readonly soql: string
  /** The SELECT as a tree; undefined for text that only Salesforce understands. */
  readonly query: Awaited<ReturnType<typeof parseSoql>>
}

/** What a manifest says of a record besides its body, so that it can be loaded again. */
const manifestFields: Readonly<Record<string, readonly string[]>> = {
  attachment: ['Id', 'ParentId', 'Name', 'ContentType', 'Description', 'IsPrivate'],
  contentversion: ['Id', 'Title', 'PathOnClient', 'Description', 'FirstPublishLocationId'],
}

/** Adds the fields that a manifest needs and that the SELECT does not name. */
export async function completeQuery(soql: string): Promise<DownloadQuery> {
  const query = await parseSoql(soql)
  const needed = manifestFields[query?.sObject?.toLowerCase() ?? ''] ?? []
  const fields = query?.fields ?? []
  const named = fields.map((field) => (field.type === 'Field' ? field.field.toLowerCase() : ''))
  const takesAll = fields.some((field) => field.type === 'FieldFunctionExpression')
  const missing = takesAll ? [] : needed.filter((field) => !named.includes(field.toLowerCase()))
  if (query === undefined || missing.length === 0) return { soql, query }
  const complete = soql.replace(/^\s*select\s/i, (select) => `${select}${missing.join(', ')}, `)
  return { soql: complete, query: await parseSoql(complete) }
}
