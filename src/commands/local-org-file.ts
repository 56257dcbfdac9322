import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { describeFolder } from '../org/describe-cache.ts'
import { sfbulkHome } from '../org/settings.ts'
import type { Io } from './command.ts'

/**
 * The file with the records and jobs of the local org: the one named by `--data`, or the user's own. Throws `UsageError`
 * when the folder is not there or the file is a folder.
 */
export function localOrgFile(data: string | undefined, { environment, folder }: Io): string {
  if (data === undefined) return join(sfbulkHome(environment), 'local-org.db')
  const file = resolve(folder, data)
  requireFolder('--data', dirname(file))
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--data names a folder: ${data}`, { hint: `name a file in it: ${join(data, 'org.db')}` })
  }
  return file
}

/** Folder of the descriptions that are kept of the local org in a file. */
export function localCacheFolder(file: string, { environment }: Io): string {
  return describeFolder(sfbulkHome(environment), 'local', [file])
}

/** Throws `UsageError` when an option points to a folder that is not there. */
export function requireFolder(option: string, folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  throw new UsageError(`${option} points to a folder that does not exist: ${folder}`, {
    hint: 'make it, or check the path',
  })
}

/** An error of SQLite while the file was opened, in words; anything else as it is. */
export function explainOpening(file: string, error: unknown): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const message = error instanceof Error ? error.message : code
  if (!code.startsWith('SQLITE') && !message.startsWith('ConnectionFailed')) return error
  return new UsageError(`the local org cannot be opened in ${file}: ${message}`, {
    code: 'LOCAL_ORG_FILE',
    hint: 'name another file, or move this one away to begin with an empty org',
    cause: error,
  })
}
