import { UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'

/**
 * No saved connection has the name, and the Salesforce CLI has none such, either.
 * @param refusal why the Salesforce CLI was of no help
 */
export function unknownAlias(alias: string, saved: readonly string[], refusal?: UsageError): UsageError {
  const near = findNearest(alias, ['local', ...saved])
  const names = saved.length === 0 ? 'none is saved yet' : `saved are ${[...saved].sort().join(', ')}`
  return new UsageError(`No connection is named ${JSON.stringify(alias)}`, {
    code: 'UNKNOWN_ORG',
    cause: refusal,
    hint: [
      ...(refusal === undefined ? [] : [`${refusal.message}.`]),
      ...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []),
      `Name a connection of \`sfbulk orgs\` (${names}), a login of the Salesforce CLI, or \`local\` for the built-in org.`,
    ].join('\n'),
  })
}
