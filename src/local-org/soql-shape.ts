import type { QueryColumn, QueryResult } from './engine.ts'

/** A query as SQL. */
export interface CompiledQuery {
  readonly kind: QueryResult['kind']
  readonly object: string
  readonly sql: string
  /** What the first columns of the SQL mean; those after them are there for `shape`. */
  readonly columns: readonly QueryColumn[]
  readonly shape: RecordShape
}

/** How a row of cells becomes a record: what REST nests under which name. */
export interface RecordShape {
  /** `type` of the record's attributes; `AggregateResult` and `Name` are no objects. */
  readonly object: string
  /** For a `Name`: the object that its Id belongs to, by key prefix. */
  readonly objects?: ReadonlyMap<string, string> | undefined
  /** Cell with the record's Id; -1 for a record without one. */
  readonly id: number
  readonly members: readonly ShapeMember[]
}

export type ShapeMember =
  | {
      readonly kind: 'value'
      readonly key: string
      readonly cell: number
      readonly type: string
      readonly field: string
    }
  | { readonly kind: 'parent'; readonly key: string; readonly shape: RecordShape }
  /** The cell holds the children as JSON: an array of arrays of cells. */
  | { readonly kind: 'children'; readonly key: string; readonly cell: number; readonly shape: RecordShape }
  /** The cell holds the cells of the branch that the Id in `id` belongs to, as JSON. */
  | {
      readonly kind: 'typeof'
      readonly key: string
      readonly cell: number
      readonly id: number
      readonly branches: readonly TypeofBranch[]
    }

export interface CompiledSelect {
  /** SQL of each cell: those of `columns`, then those that only the shape needs. */
  readonly cells: readonly string[]
  readonly columns: readonly QueryColumn[]
  readonly shape: RecordShape
}

/** What a TYPEOF selects of the records of one object. */
export interface TypeofBranch {
  readonly object: string
  readonly keyPrefix: string
  readonly fields: readonly { readonly name: string; readonly type: string }[]
}
