import { mkdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import type { Login } from './login-flows.ts'
import type { NetworkSettings } from './network-settings.ts'

/** What a connection needs to know. */
export interface ConnectionSettings {
  readonly login: Login
  /** `60.0`, as asked for. */
  readonly apiVersion: string | undefined
  /** For `-v`: which flow, and where each value comes from. Names only, never values. */
  readonly origin: string
  /** Proxies and certificates; default: the direct way. */
  readonly network?: NetworkSettings | undefined
  /** Until when Salesforce serves the flow; undefined for one that stays. */
  readonly closes?: string | undefined
  /** Whether the org was saved with `--protected`: each write then asks first, and without a terminal demands `--yes`. */
  readonly isProtected?: boolean | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Folder of run records, saved connections and the local org: `SFBULK_HOME`, or the platform's own place for the state
 * of programs. It is made, for its owner alone. Throws `UsageError` when that is not possible.
 */
export function sfbulkHome(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const folder = sfbulkHomePath(environment, platform)
  try {
    makeFolder(folder)
    return folder
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`The folder for run records cannot be made: ${reason}`, {
      code: 'HOME',
      hint: 'Name another one: SFBULK_HOME=/path/to/folder',
      cause: error,
    })
  }
}

/**
 * Makes a folder with those above it. Node's own way to do so goes round in circles where the system takes no folder into one that is
 * there, and says that something is missing, as /proc does.
 */
function makeFolder(folder: string): void {
  const isThere = () => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (isThere()) return
  const parent = dirname(folder)
  if (parent !== folder) makeFolder(parent)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have been faster.
    if (!isThere()) throw error
  }
}

/** The same folder, which may not be there yet. */
export function sfbulkHomePath(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  return resolve(environment.SFBULK_HOME || join(stateFolder(environment, platform), 'sfbulk'))
}

function stateFolder(environment: Environment, platform: NodeJS.Platform): string {
  const home = () => environment.HOME || homeOfUser()
  if (platform === 'win32') return environment.LOCALAPPDATA || join(home(), 'AppData', 'Local')
  if (platform === 'darwin') return join(home(), 'Library', 'Application Support')
  return environment.XDG_STATE_HOME || join(home(), '.local', 'state')
}

/** As the system knows it: in a container the number of the user may be in no list. */
function homeOfUser(): string {
  try {
    return userInfo().homedir
  } catch (cause) {
    throw new UsageError(
      'There is no folder for run records: HOME is not set, and the system knows none of this user',
      {
        code: 'HOME',
        hint: 'Name one: SFBULK_HOME=/path/to/folder',
        cause,
      },
    )
  }
}
