/** How a table and its object are kept alike. */
export const patterns = ['read-only', 'incremental', 'last-write-wins', 'conflicts'] as const
export type Pattern = (typeof patterns)[number]

/** One column of a table, as the object was described when the table was made. */
export interface SyncField {
  readonly name: string
  /** As in describe: `string`, `boolean`, `double`, `reference`, … */
  readonly type: string
  /** A new record must have a value. */
  readonly required: boolean
  readonly createable: boolean
  readonly updateable: boolean
  /** Objects that a reference may point to; empty for other fields. */
  readonly referenceTo: readonly string[]
  /** What the org does to this record when the one it refers to is deleted. */
  readonly onDelete: 'cascade' | 'set-null' | 'restrict' | undefined
  /** Whether records are often looked up by it. */
  readonly indexed: boolean
}

/** One object of a sync file. */
export interface SyncObject {
  readonly name: string
  readonly pattern: Pattern
  /** SOQL condition of the records that are copied; undefined for all. */
  readonly where: string | undefined
  /** Without `Id`, which every table has. */
  readonly fields: readonly SyncField[]
  /** External ID by which new records are created, so that one is never created twice. */
  readonly externalId: string | undefined
  /** The field that tells when a record was changed last; undefined when there is none. */
  readonly stampField: string | undefined
  /** Whether deleted records can be asked for. */
  readonly hasIsDeleted: boolean
  /** The contents of files, which lie beside the table; undefined where they are left out. */
  readonly files?: KeptFiles | undefined
  /** Fields that a new record must have and the table does not. */
  readonly missingRequired: readonly string[]
}

/** Fields of the type `base64`: what they hold is in files, and their columns have the paths. */
export interface KeptFiles {
  /** Against the folder of the sync file. */
  readonly folder: string
  readonly fields: readonly string[]
}

/** Whether local edits of the object are sent. */
export function isWritable({ pattern }: Pick<SyncObject, 'pattern'>): boolean {
  return pattern === 'last-write-wins' || pattern === 'conflicts'
}

/** Names of the objects whose tables hold all their records: a reference to one of them always finds it. */
export function wholeObjects(objects: readonly SyncObject[]): ReadonlySet<string> {
  return new Set(objects.filter(({ where }) => where === undefined).map(({ name }) => name))
}

/** What the Id of a row begins with that no org knows yet. */
export const localIdPrefix = 'local:'

export function isLocalId(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(localIdPrefix)
}

/** Names of all columns, `Id` first. */
export function columnNames({ fields }: Pick<SyncObject, 'fields'>): readonly string[] {
  return ['Id', ...fields.map(({ name }) => name)]
}
