import type { Transform } from './transforms/transform.ts'

/** Where the value of one target field comes from. */
export type FieldSource =
  | { readonly kind: 'column'; readonly column: string }
  /** The same text for every row. */
  | { readonly kind: 'constant'; readonly value: string }
  | ComputedSource

/** A value made of cells of the row: joined, transformed, looked up, and replaced by another where nothing is left. */
export interface ComputedSource {
  readonly kind: 'computed'
  /** One or more; empty cells among several are passed over. */
  readonly columns: readonly string[]
  /** Stands between the cells of several columns. */
  readonly separator: string
  readonly transforms: readonly Transform[]
  readonly lookup: LookupSource | undefined
  /** What is sent where the value comes out empty; empty for nothing. */
  readonly otherwise: string
}

/** A table in which a value is found by another: a CSV file, or the rows of a query. */
export interface LookupSource {
  readonly from: { readonly file: string /** As it was written. */; readonly name: string } | { readonly query: string }
  /** Column of the table that is compared with the value. */
  readonly match: string
  /** Column whose text is sent. */
  readonly take: string
  readonly missing: 'reject' | 'empty'
  readonly ambiguous: 'reject' | 'empty' | 'first'
}

/** One entry of a mapping, as the user wrote it; names are not checked yet. */
export interface MappingEntry {
  /** API name of a field, any case, or a parent by external ID: `Account.ERP_Id__c`, `Lead:Who.Email`. */
  readonly field: string
  readonly source: FieldSource
  /** Where it was written, for messages: `--map Surname=LastName`, `contact.yaml:4`. */
  readonly origin: string
}

/** A mapping file, or the `--map` options, or both. */
export interface Mapping {
  /** Object the mapping is meant for; checked when given. */
  readonly object: string | undefined
  readonly entries: readonly MappingEntry[]
  /** Columns that are left out on purpose and not reported. */
  readonly ignore: readonly string[]
  /** Other files that it reads: lists of values and lookups. Absolute paths. */
  readonly files?: readonly string[]
  /** Whether columns that no entry names go to the field of the same name. Default: true. */
  readonly matchesNames?: boolean
}

export const noMapping: Mapping = { object: undefined, entries: [], ignore: [] }

/** Puts one mapping over another: an entry of `over` replaces the entries of `base` for the same field and for the same column. */
export function overlayMapping(base: Mapping, over: Mapping): Mapping {
  const fields = new Set(over.entries.map((entry) => entry.field.toLowerCase()))
  const columns = new Set(over.entries.flatMap(({ source }) => onlyColumn(source) ?? []))
  const kept = base.entries.filter(({ field, source }) => {
    const column = onlyColumn(source)
    return !fields.has(field.toLowerCase()) && !(column !== undefined && columns.has(column))
  })
  return {
    object: over.object ?? base.object,
    entries: [...kept, ...over.entries],
    ignore: [...base.ignore, ...over.ignore],
    files: [...(base.files ?? []), ...(over.files ?? [])],
    matchesNames: base.matchesNames ?? true,
  }
}

function onlyColumn(source: FieldSource): string | undefined {
  if (source.kind === 'column') return source.column
  return source.kind === 'computed' && source.columns.length === 1 ? source.columns[0] : undefined
}
