/** What the cells of a column hold, as far as the formats tell it apart. */
export type ColumnKind = 'text' | 'boolean' | 'integer' | 'number' | 'date' | 'datetime'

export interface TypedColumn {
  readonly name: string
  readonly kind: ColumnKind
}

/** The kind of a field, by its type in the object's description. */
export function kindOfType(type: string | undefined): ColumnKind {
  return kinds.get(type ?? '') ?? 'text'
}

const kinds: ReadonlyMap<string, ColumnKind> = new Map([
  ['boolean', 'boolean'],
  ['int', 'integer'],
  ['long', 'number'],
  ['double', 'number'],
  ['currency', 'number'],
  ['percent', 'number'],
  ['date', 'date'],
  ['datetime', 'datetime'],
])
