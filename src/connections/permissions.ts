import { ApiError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import type { Finding } from './sign-in-check.ts'

/** Permissions of the user that decide what a load may do, and what it means to be without. */
const permissions = [
  {
    field: 'PermissionsApiEnabled',
    name: 'API Enabled',
    without: 'no API may be used',
  },
  {
    field: 'PermissionsBulkApiHardDelete',
    name: 'Bulk API Hard Delete',
    without: 'hard-delete is refused; delete moves records to the recycle bin',
  },
  {
    field: 'PermissionsModifyAllData',
    name: 'Modify All Data',
    without: 'records that sharing does not let this user change are rejected row by row',
  },
] as const

/** Asks the org what the user may do: one API call. Source: object reference, "UserPermissionAccess". */
export async function checkPermissions(org: Org): Promise<readonly Finding[]> {
  const granted = await fetchPermissions(org)
  if (granted === undefined) {
    return [{ what: 'permissions', state: 'unknown', text: 'the org does not tell this user which it has' }]
  }
  return permissions.map(({ field, name, without }): Finding => {
    const what = 'permission'
    if (granted[field] === true) return { what, state: 'ok', text: name }
    const next = `an administrator gives “${name}” by a permission set, if it is needed`
    return { what, state: 'note', text: `without ${name}: ${without}`, next }
  })
}

async function fetchPermissions(org: Org): Promise<Readonly<Record<string, unknown>> | undefined> {
  const soql = `SELECT ${permissions.map(({ field }) => field).join(', ')} FROM UserPermissionAccess`
  try {
    const answer = await org.send({ method: 'GET', path: `query?q=${encodeURIComponent(soql)}` })
    const { records } = await answer.json<{ records?: Record<string, unknown>[] }>()
    return records?.[0]
  } catch (error) {
    // Not every edition and user sees the object.
    if (error instanceof ApiError && [400, 403, 404].includes(error.status)) return undefined
    throw error
  }
}
