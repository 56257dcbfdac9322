/** Where the value of one target field comes from. */
export type FieldSource =
  | { readonly kind: 'column'; readonly column: string }
  /** The same text for every row. */
  | { readonly kind: 'constant'; readonly value: string }

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
}

export const noMapping: Mapping = { object: undefined, entries: [], ignore: [] }

/** Puts one mapping over another: an entry of `over` replaces the entries of `base` for the same field and for the same column. */
export function overlayMapping(base: Mapping, over: Mapping): Mapping {
  const fields = new Set(over.entries.map((entry) => entry.field.toLowerCase()))
  const columns = new Set(over.entries.flatMap(({ source }) => (source.kind === 'column' ? [source.column] : [])))
  const kept = base.entries.filter(
    ({ field, source }) =>
      !fields.has(field.toLowerCase()) && !(source.kind === 'column' && columns.has(source.column)),
  )
  return {
    object: over.object ?? base.object,
    entries: [...kept, ...over.entries],
    ignore: [...base.ignore, ...over.ignore],
  }
}
