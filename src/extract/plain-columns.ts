import { ApiError, UsageError } from '../errors.ts'
import type { FieldDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import { compoundTypes } from './expand-compound.ts'
import type { PlainQuery } from './plain-query.ts'
import type { Json, JsonRecord } from './rest-pages.ts'

/** A column of a plain query, spelt as the Bulk API would. */
export interface PlainColumn {
  /** Of its header: `Account.Name`, in the case of the API names. */
  readonly name: string
  value(record: JsonRecord): Json | undefined
  /** Whether its texts are dates with a time. Asks for descriptions where the name does not tell. */
  isDateTime(): Promise<boolean>
  /**
   * Whether Bulk gives the field in parts, as it gives addresses and locations. Asks for descriptions where no record has a value
   * that would tell and the field is one of the org's own, which may have any name.
   */
  isInParts(): Promise<boolean>
}

/**
 * The columns in the order of the SELECT. Names are taken from the records, which have their right case; where no record
 * has the field, because there is none or its parent is empty, from descriptions.
 */
export async function findPlainColumns(
  org: Org,
  { object, fields }: PlainQuery,
  records: readonly JsonRecord[],
): Promise<readonly PlainColumn[]> {
  const columns: PlainColumn[] = []
  for (const path of fields) {
    const names = namesIn(records, path) ?? (await namesByDescription(org, object, path))
    let dateTime: Promise<boolean> | undefined
    const cell = (record: JsonRecord) => names.reduce<Json | undefined>(fieldOf, record)
    columns.push({
      name: names.join('.'),
      value: cell,
      isDateTime: () => {
        dateTime ??= isDateTime(org, object, path)
        return dateTime
      },
      isInParts: async () => {
        const value = records.map(cell).find((one) => one !== undefined && one !== null)
        if (value !== undefined) return typeof value === 'object'
        if (!/__c$/i.test(path.at(-1) ?? '')) return false
        return compoundTypes.has((await findFieldType(org, object, path)) ?? '')
      },
    })
  }
  return columns
}

/** Fields that every object has under the same name, and their case. */
const systemDates = ['CreatedDate', 'LastModifiedDate', 'SystemModstamp', 'LastViewedDate', 'LastReferencedDate']
const systemNames = new Map(
  ['Id', 'Name', 'OwnerId', 'CreatedById', 'LastModifiedById', ...systemDates].map((name) => [
    name.toLowerCase(),
    name,
  ]),
)

function fieldOf(within: Json | undefined, name: string): Json | undefined {
  return isRecord(within) ? within[name] : undefined
}

/** The path in the case of the records; undefined when none of them has it all. */
function namesIn(records: readonly JsonRecord[], path: readonly string[]): readonly string[] | undefined {
  let level: readonly JsonRecord[] = records
  const names: string[] = []
  for (const typed of path) {
    const first = level[0]
    const name = first && Object.keys(first).find((key) => key.toLowerCase() === typed.toLowerCase())
    if (name === undefined) return undefined
    names.push(name)
    level = level.flatMap((record) => {
      const value = record[name]
      return isRecord(value) ? [value] : []
    })
  }
  return names
}

async function namesByDescription(org: Org, object: string, path: readonly string[]): Promise<readonly string[]> {
  const system = path.length === 1 ? systemNames.get(path[0]?.toLowerCase() ?? '') : undefined
  if (system !== undefined) return [system]
  return (await walk(org, object, path)).names
}

async function isDateTime(org: Org, object: string, path: readonly string[]): Promise<boolean> {
  const type = await findFieldType(org, object, path)
  return type === undefined || type === 'datetime'
}

/**
 * Salesforce's type of a field, by its path from an object: `currency`. Undefined where descriptions do not tell. Asks the
 * org for those that it has not seen.
 */
export async function findFieldType(org: Org, object: string, path: readonly string[]): Promise<string | undefined> {
  const last = path.at(-1)?.toLowerCase() ?? ''
  if (systemDates.some((name) => name.toLowerCase() === last)) return 'datetime'
  return (await walk(org, object, path)).type
}

/** Follows a path from description to description; what they do not tell stays as it was typed. */
async function walk(
  org: Org,
  object: string,
  path: readonly string[],
): Promise<{ readonly names: readonly string[]; readonly type: string | undefined }> {
  const names: string[] = []
  let current: string | undefined = object
  for (const [place, typed] of path.entries()) {
    const key = typed.toLowerCase()
    const fields: readonly FieldDescription[] = current === undefined ? [] : await findFields(org, current)
    if (place === path.length - 1) {
      const field = fields.find(({ name }) => name.toLowerCase() === key)
      return { names: [...names, field?.name ?? systemNames.get(key) ?? typed], type: field?.type }
    }
    const reference = fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === key)
    names.push(reference?.relationshipName ?? typed)
    current = reference?.referenceTo.length === 1 ? reference.referenceTo[0] : undefined
  }
  return { names, type: undefined }
}

/** None for an object that is not described to the user, who has its records all the same. */
async function findFields(org: Org, object: string): Promise<readonly FieldDescription[]> {
  try {
    return (await org.describe(object)).fields
  } catch (error) {
    const isUnknown = error instanceof UsageError && error.code === 'UNKNOWN_OBJECT'
    const isRefused = error instanceof ApiError && error.status !== 401 && error.exit !== 'unfinished'
    if (!isUnknown && !isRefused) throw error
    return []
  }
}

function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
