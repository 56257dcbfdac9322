import { UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'
import { type FieldDescription, isRequiredOnInsert, type ObjectDescription } from '../org/object-description.ts'
import { isWritable, type KeptFiles, type Pattern, type SyncField, type SyncObject } from './sync-object.ts'

/** What the user asks for of an object. */
export interface WantedObject {
  readonly object: string
  /** API names in any case; undefined for all that can be kept. */
  readonly fields: readonly string[] | undefined
  readonly where: string | undefined
  readonly pattern: Pattern
  readonly externalId: string | undefined
  /** Folder for the contents of files, against that of the sync file; undefined to leave them out. */
  readonly files: string | undefined
}

/**
 * An object as it will be kept: addresses and locations by their parts, contents of files left out or in files.
 *
 * Throws `UsageError` for fields that are not there or cannot be kept, an external ID that is none, and a pattern that the
 * object has no field for.
 */
export function chooseFields(wanted: WantedObject, described: ObjectDescription): SyncObject {
  const files = wanted.files === undefined ? undefined : chooseFiles(wanted.files, wanted.fields, described)
  const named = wanted.fields?.filter((name) => !files?.fields.some((field) => isSameName(field, name)))
  const chosen = named === undefined ? keepable(described) : named.flatMap((name) => find(name, described))
  const externalId = wanted.externalId === undefined ? undefined : findExternalId(wanted.externalId, described)
  if (externalId !== undefined) chosen.push(externalId)
  const fields = [...new Map(chosen.map((field) => [field.name, field])).values()]
    .filter(({ name }) => !bookkept.has(name))
    .map(toSyncField)
  const object: SyncObject = {
    name: described.name,
    pattern: wanted.pattern,
    where: wanted.where,
    fields,
    externalId: externalId?.name,
    stampField: stampFields.find((name) => described.fields.some((field) => field.name === name)),
    hasIsDeleted: described.fields.some(({ name }) => name === 'IsDeleted'),
    missingRequired: missingRequired(described, fields),
    files,
  }
  if (object.stampField === undefined && wanted.pattern !== 'read-only') throw noStamp(object)
  if (isWritable(object) && !described.updateable && !described.createable) throw notWritable(object)
  return object
}

/** Fields that say when a record was changed last, the surest first. */
const stampFields = ['SystemModstamp', 'LastModifiedDate', 'CreatedDate']

/** Every table has an Id, and holds no deleted records. */
const bookkept: ReadonlySet<string> = new Set(['Id', 'IsDeleted'])

const compoundTypes: ReadonlySet<string> = new Set(['address', 'location'])

/** Those that are named, or else all that there are. */
function chooseFiles(
  folder: string,
  names: readonly string[] | undefined,
  { name, fields }: ObjectDescription,
): KeptFiles {
  const bodies = fields.filter(({ type }) => type === 'base64').map((field) => field.name)
  if (bodies.length === 0) {
    throw new UsageError(`${name} has no field that holds the content of files`, {
      code: 'NO_BODIES',
      hint: 'leave --files out: it is for Attachment, ContentVersion and their like',
    })
  }
  const named = bodies.filter((body) => names?.some((each) => isSameName(each, body)))
  return { folder, fields: named.length > 0 ? named : bodies }
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function keepable({ fields }: ObjectDescription): FieldDescription[] {
  return fields.filter(({ type }) => type !== 'base64' && !compoundTypes.has(type))
}

function find(name: string, described: ObjectDescription): readonly FieldDescription[] {
  const field = described.fields.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (field === undefined) {
    const near = findNearest(
      name,
      described.fields.map((each) => each.name),
    )
    throw new UsageError(`${described.name} has no field ${JSON.stringify(name)} that this user may see`, {
      code: 'UNKNOWN_FIELD',
      hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `see \`sfbulk describe ${described.name}\``,
    })
  }
  if (field.type === 'base64') {
    throw new UsageError(`${described.name}.${field.name} holds the content of files, which a table does not keep`, {
      code: 'FIELD_NOT_KEPT',
      hint: 'leave it out, or keep the files in a folder, and their paths in the table, with --files <folder>',
    })
  }
  if (!compoundTypes.has(field.type)) return [field]
  return described.fields.filter((part) => part.compoundFieldName === field.name && part.name !== field.name)
}

function findExternalId(name: string, described: ObjectDescription): FieldDescription {
  const field = described.fields.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (field?.externalId === true) return field
  const keys = described.fields.filter(({ externalId }) => externalId).map((each) => each.name)
  throw new UsageError(`${described.name} has no external ID ${JSON.stringify(name)}`, {
    code: 'NO_EXTERNAL_ID',
    hint: keys.length > 0 ? `its external IDs are ${keys.join(', ')}` : 'leave --external-id out',
  })
}

function toSyncField(field: FieldDescription): SyncField {
  return {
    name: field.name,
    type: field.type,
    required: isRequiredOnInsert(field),
    createable: field.createable,
    updateable: field.updateable,
    referenceTo: field.type === 'reference' ? [...field.referenceTo] : [],
    onDelete: field.type === 'reference' ? afterDelete(field) : undefined,
    indexed: field.type === 'reference' || field.externalId,
  }
}

/** Source: REST guide, "sObject Describe": `cascadeDelete` and `restrictedDelete` of a field. */
function afterDelete(field: FieldDescription & { cascadeDelete?: boolean; restrictedDelete?: boolean }) {
  if (field.cascadeDelete === true) return 'cascade'
  return field.restrictedDelete === true || !field.nillable ? 'restrict' : 'set-null'
}

function missingRequired(described: ObjectDescription, fields: readonly SyncField[]): readonly string[] {
  const names = new Set(fields.map(({ name }) => name))
  return described.fields.filter((field) => isRequiredOnInsert(field) && !names.has(field.name)).map(({ name }) => name)
}

function noStamp({ name }: SyncObject): UsageError {
  return new UsageError(`${name} does not tell when a record was changed, so that changes cannot be found`, {
    code: 'NO_MODSTAMP',
    hint: 'give --pattern read-only: the table is then replaced each time',
  })
}

function notWritable({ name, pattern }: SyncObject): UsageError {
  return new UsageError(`this user may not write ${name} records, as --pattern ${pattern} would`, {
    code: 'NOT_ALLOWED',
    hint: 'give --pattern incremental or read-only',
  })
}
