import { join, resolve } from 'node:path'
import { sfbulkHome } from '../org/settings.ts'
import type { Io } from './command.ts'

/** The file with the records and jobs of the local org: the one named by `--data`, or the user's own. */
export function localOrgFile(data: string | undefined, { environment, folder }: Io): string {
  return data === undefined ? join(sfbulkHome(environment), 'local-org.db') : resolve(folder, data)
}
