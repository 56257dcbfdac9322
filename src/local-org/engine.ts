import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'
import type { RowError } from '../values/row-error.ts'
import type { StoredObject } from './schema.ts'

/**
 * The database of the local org: described objects, records, recycle bin, SOQL. It knows nothing of HTTP; the surfaces
 * (REST, Bulk, SOAP) turn requests into these calls and answers into their own spelling.
 */
export interface Engine {
  /** Every described object, in the order of its name. */
  objects(): readonly ObjectDescription[]
  /** Object by API name, any case. The value holds every key of the describe file, not only the typed ones. */
  describe(object: string): StoredObject | undefined
  /**
   * What the columns of a CSV mean for a write: a field, or a parent by external ID (`Account.ERP_Id__c`,
   * `Lead:Who.Email`). Throws `EngineError` with code `INVALID_FIELD` and Salesforce's wording for a column that matches nothing.
   */
  columns(object: string, operation: WriteOperation, names: readonly string[]): readonly WriteColumn[]
  /**
   * Writes one chunk (at most 200 rows) in one transaction. Rows fail one by one; the answer has one result per row, in
   * order. With `allOrNone` one failure undoes the chunk.
   */
  write(request: WriteRequest): readonly WriteResult[]
  /** Compiles and starts a query. Throws `EngineError` (`MALFORMED_QUERY`, `INVALID_FIELD`, `INVALID_TYPE`, …). */
  query(soql: string, options: QueryOptions): QueryResult
  /** Content of a record's binary field, piece by piece. */
  blob(object: string, id: string, field: string): Iterable<Buffer> | undefined
  /** Stores a body of any size piece by piece, for a write to come. What the source throws is passed on. */
  stageBody(source: AsyncIterable<Buffer>): Promise<StagedBody>
  /** Forgets a staged body that no record has taken. */
  dropStaged(body: StagedBody): void
  /** Number of live records, for `/limits/recordCount`. */
  count(object: string): number
  /** Deletes every record and job. */
  reset(): void
  close(): void
}

export type WriteOperation = 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete' | 'undelete'

export interface WriteColumn {
  /** As the surface should echo it: the name given. */
  readonly name: string
  /** The field that is written. */
  readonly field: FieldDescription
  /** Set for a parent by external ID: the parent's object and its key field. */
  readonly parent?: { readonly object: string; readonly field: FieldDescription }
}

/** A cell as text; `null` sets the field to null; `undefined` leaves it alone (and takes the default on insert). */
export type WriteValue = string | null | undefined

export interface WriteRequest {
  readonly object: string
  readonly operation: WriteOperation
  /** Key of an upsert. */
  readonly externalIdField?: string | undefined
  readonly columns: readonly WriteColumn[]
  readonly rows: readonly (readonly WriteValue[])[]
  readonly allOrNone?: boolean
  /** The body of a binary field of the only row; the field is among `columns`, its cell `undefined`. */
  readonly staged?: { readonly field: string; readonly body: StagedBody } | undefined
  /** Id of the user that writes (`CreatedById`, `OwnerId`). Default: the org's administrator. */
  readonly userId?: string | undefined
}

/** A body that is in the org's file and belongs to no record yet. */
export interface StagedBody {
  /** What stands for it. */
  readonly text: string
  /** Bytes. */
  readonly size: number
}

export interface WriteResult {
  /** 18 characters; empty when there is none (a failed insert). */
  readonly id: string
  readonly created: boolean
  readonly error?: RowError
}

export interface QueryOptions {
  /** Deleted and archived rows as well (`queryAll`). */
  readonly all: boolean
  /** Bulk refuses what Bulk API 2.0 does not support, with its own errors; SOAP and REST answer it. */
  readonly surface: 'rest' | 'bulk'
}

/** One selected column: `Name`, `Account.Name`, `expr0`, an alias. */
export interface QueryColumn {
  /** As it stands in a Bulk result's header: the API name with its case from describe. */
  readonly name: string
  /** Field type of describe; `int` for counts. */
  readonly type: string
}

/** A value of a record: text for everything but numbers and booleans; dateTimes as `yyyy-MM-ddTHH:mm:ss.SSSZ`. */
export type CellValue = string | number | boolean | null

export interface QueryResult {
  readonly kind: 'records' | 'aggregate' | 'count'
  /** Object of the FROM clause, with its case from describe. */
  readonly object: string
  readonly columns: readonly QueryColumn[]
  /** All rows that match, whatever has been read of them. */
  readonly totalSize: number
  /**
   * Rows from the `start`th on, at most `count`, as flat cells in the order of `columns` (Bulk). Rows are the state at
   * the time of the query: later writes do not change a result that is being paged through.
   */
  cells(start: number, count: number): CellValue[][]
  /** The same rows as REST spells them: nested parents, child subqueries, `attributes`. `apiVersion` goes into the URLs. */
  records(start: number, count: number, apiVersion: string): Record<string, unknown>[]
  /** Forgets the rows. A result that is never closed is forgotten with the engine. */
  close(): void
}

/** An error of a whole request: unknown object, bad query, bad column. */
export class EngineError extends Error {
  /** Salesforce's `errorCode`, such as `INVALID_FIELD`. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'EngineError'
    this.code = code
  }
}
