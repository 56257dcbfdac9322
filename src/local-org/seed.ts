import { selectRows } from '../sqlite/database.ts'
import { formatId } from '../values/record-id.ts'
import type { WriteContext } from './dml-context.ts'
import { insertSystemRecord, requireObject } from './system-records.ts'

/** An emptied org has the same Id and the same administrator as before, though counters never go back. */
const firstNumber = 1

/** Id of the administrator that a fresh org has: who writes when nobody is named. */
export const administratorId = formatId('005', firstNumber)

/** Id of the org itself. */
export const organizationId = formatId('00D', firstNumber)

/** User name of the administrator. */
export const administratorName = 'admin@local.sfbulk'

/** Gives an empty org what every org has from the start: itself, a profile and an administrator. */
export function seedOrg(context: WriteContext): void {
  if (selectRows(context.storage, 'SELECT 1 FROM "User" WHERE Id = ?', administratorId).length > 0) return
  const profileId = insertNamed(context, 'Profile', { Name: 'System Administrator', UserType: 'Standard' })
  insertNamed(context, 'Organization', {
    number: firstNumber,
    Id: organizationId,
    Name: 'Local Org',
    OrganizationType: 'Developer Edition',
    InstanceName: 'LOCAL',
    IsSandbox: 1,
    FiscalYearStartMonth: 1,
    DefaultLocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    TimeZoneSidKey: 'GMT',
  })
  insertNamed(context, 'User', {
    number: firstNumber,
    Id: administratorId,
    Username: administratorName,
    FirstName: 'Local',
    LastName: 'Administrator',
    Email: administratorName,
    Alias: 'admin',
    CommunityNickname: 'admin',
    IsActive: 1,
    UserType: 'Standard',
    ProfileId: profileId,
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
  })
}

function insertNamed(context: WriteContext, name: string, values: Parameters<typeof insertSystemRecord>[2]): string {
  return insertSystemRecord(context, requireObject(context.schema, name), values)
}
