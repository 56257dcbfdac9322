import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { secretVariables, type Values } from '../org/login-flows.ts'
import type { ConnectionStore, SavedConnection } from './connection-store.ts'
import { isCliName } from './salesforce-cli.ts'

/** What is known of a login besides its variables. */
export type ConnectionFacts = Omit<SavedConnection, 'variables' | 'secrets'>

/**
 * Saves a login under an alias, in the place of an earlier one. Gives where its secrets are: `keychain`, or `file` for the
 * file of connections.
 * @param folder against which the path of a key file stands
 */
export async function saveConnection(
  store: ConnectionStore,
  alias: string,
  values: Values,
  facts: ConnectionFacts,
  folder: string,
): Promise<'keychain' | 'file'> {
  const all = [...values].map(([name, { text }]) => [name, name === 'SF_JWT_KEY_FILE' ? resolve(folder, text) : text])
  const pick = (isSecret: boolean): Record<string, string> =>
    Object.fromEntries(all.filter(([name = '']) => secretVariables.has(name) === isSecret))
  return await store.change(async (stored, keep) => {
    const connection = await store.withSecrets(alias, { variables: pick(false), ...facts }, pick(true))
    await keep({ ...stored, connections: { ...stored.connections, [alias]: connection } })
    return connection.secrets === undefined ? 'keychain' : 'file'
  })
}

/** Throws `UsageError` for a name that `--target-org` understands otherwise, or that the shell would not leave alone. */
export function checkAlias(alias: string): void {
  if (alias !== 'local' && isCliName(alias)) return
  throw new UsageError(`${JSON.stringify(alias)} cannot be an alias`, {
    code: 'ALIAS',
    hint: 'take letters, digits and . _ @ + - ; `local` is the built-in org',
  })
}
