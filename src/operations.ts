/** One write operation: what Salesforce calls it and what it needs. */
export interface Operation {
  /** The command, and the word used in files, messages and run records. */
  readonly name: string
  /** `operation` of a Bulk API job; an undelete is SOAP's alone. */
  readonly bulkName: string
  /** What a row is identified by: its `Id`, an external ID named by the user, or nothing (a new record). */
  readonly key: 'id' | 'external-id' | 'none'
  /** Which fields are sent: those that may be set on a new record, on an existing one, on either, or `Id` alone. */
  readonly fields: 'createable' | 'updateable' | 'either' | 'id-only'
  /** For messages: "12 rows inserted". */
  readonly past: string
}

export const operations = {
  insert: { name: 'insert', bulkName: 'insert', key: 'none', fields: 'createable', past: 'inserted' },
  update: { name: 'update', bulkName: 'update', key: 'id', fields: 'updateable', past: 'updated' },
  upsert: { name: 'upsert', bulkName: 'upsert', key: 'external-id', fields: 'either', past: 'upserted' },
  delete: { name: 'delete', bulkName: 'delete', key: 'id', fields: 'id-only', past: 'deleted' },
  undelete: { name: 'undelete', bulkName: 'undelete', key: 'id', fields: 'id-only', past: 'undeleted' },
  'hard-delete': { name: 'hard-delete', bulkName: 'hardDelete', key: 'id', fields: 'id-only', past: 'hard-deleted' },
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof operations
