import { UsageError } from '../errors.ts'
import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'
import type { SizeLimit } from './local-file.ts'

/** What bodies are stored as: an Attachment of a record, or a File with versions. */
export type StoredAs = 'attachment' | 'file'

/** Where a manifest says what is stored, and the limits of it. */
export interface StoreKind {
  /** API name of the object that a row becomes a record of. */
  readonly object: 'Attachment' | 'ContentVersion'
  /** The field that holds the body. */
  readonly body: string
  /** Columns, among them those that no object has, whose cells are paths. */
  readonly paths: readonly string[]
  /** The column that gets the file's own name where the manifest does not say. */
  readonly name: string
  readonly limit: SizeLimit
}

/** Source: object reference, Attachment ("Body") and ContentVersion ("VersionData"); Data Loader has the paths in VersionData, too. */
export const storeKinds: Readonly<Record<StoredAs, StoreKind>> = {
  attachment: {
    object: 'Attachment',
    body: 'Body',
    paths: ['Body_FileURL'],
    name: 'Name',
    limit: { bytes: 25 * 1024 ** 2, words: '25 MB (26,214,400 bytes) that an Attachment may have' },
  },
  file: {
    object: 'ContentVersion',
    body: 'VersionData',
    paths: ['VersionData_FileURL', 'VersionData'],
    name: 'PathOnClient',
    limit: { bytes: 2 * 1024 ** 3, words: '2 GB (2,147,483,648 bytes) that a file may have' },
  },
}

/** Columns of a manifest of files that become links from the file to records. */
export const linkColumns = ['LinkedEntityId', 'ShareType', 'Visibility'] as const

/**
 * The object as a manifest sees it: with a column for the path of a body, and with those of links. Throws `UsageError`
 * where this user's object has no such body.
 */
export function describeManifest(object: ObjectDescription, kind: StoreKind): ObjectDescription {
  const body = object.fields.find(({ name }) => name === kind.body)
  if (body === undefined) {
    throw new UsageError(`${object.name} has no field ${kind.body} for this user`, {
      code: 'NOT_ALLOWED',
      hint: 'ask for the permission on the field in the org',
    })
  }
  const added = [
    ...kind.paths.map((name) => textColumn(body, name)),
    ...(kind.object === 'ContentVersion' ? linkColumns.map((name) => textColumn(body, name)) : []),
  ]
  const own = object.fields.filter(({ name }) => !kind.paths.includes(name))
  return { ...object, fields: [...own, ...added] }
}

/** Set where the body can be: what is said of a body goes with it. */
function textColumn(body: FieldDescription, name: string): FieldDescription {
  return { ...body, name, label: name, type: 'string' }
}
