import { UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'
import { isUpsertKey } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import type { SentColumn } from './compile.ts'
import { parentOf } from './field-names.ts'

/**
 * Checks that parents are named by a field that can find them: an external ID, or another field that Salesforce looks records up
 * by. One description for each object, which is kept for the next run. Throws `UsageError` with the fields that can.
 */
export async function checkParents(columns: readonly SentColumn[], org: Pick<Org, 'describe'>): Promise<void> {
  const faults: string[] = []
  for (const { target } of columns) {
    if (!target.isParent) continue
    const { object, key } = parentOf(target)
    const fault = (await findFault(object, key, org, false)) && (await findFault(object, key, org, true))
    if (fault) faults.push(`${target.name}: ${fault}`)
  }
  const [first] = faults
  if (first === undefined) return
  throw new UsageError(faults.length === 1 ? first : `parents cannot be found:\n  ${faults.join('\n  ')}`, {
    code: 'BAD_MAPPING',
    hint: 'nothing was sent; name another field, or look the Id up with lookup: in a mapping file',
  })
}

async function findFault(
  object: string,
  key: string,
  org: Pick<Org, 'describe'>,
  fresh: boolean,
): Promise<string | undefined> {
  const described = await org.describe(object, { fresh }).catch((error: unknown) => {
    if (error instanceof UsageError) return undefined
    throw error
  })
  // An object that this user cannot see may still be pointed to: that is left to the service.
  if (!described) return undefined
  const { name, fields } = described
  const field = fields.find((candidate) => candidate.name.toLowerCase() === key.toLowerCase())
  if (field && isUpsertKey(field)) return undefined
  const keys = fields.filter(isUpsertKey).map((candidate) => candidate.name)
  const near = field ? [] : findNearest(key, keys)
  const hint = near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''
  const list = `its records are found by ${keys.join(', ')}`
  return `${field ? `${field.name} is no external ID of ${name}` : `${name} has no field ${key}${hint}`}; ${list}`
}
