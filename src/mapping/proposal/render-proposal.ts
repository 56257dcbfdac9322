import type { Proposal, ProposedEntry } from './propose-mapping.ts'

/**
 * A proposal as a mapping file in YAML that loads as it stands, with a comment behind each guess. `schema`: where the JSON Schema
 * lies, for editors; undefined: nowhere.
 */
export async function renderProposal(proposal: Proposal, source: string, schema: string | undefined): Promise<string> {
  const { stringify } = await import('yaml')
  const flow = (value: unknown) => {
    const written = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).replace(/\n$/, '')
    // A name of several lines must stay within its own, and JSON is YAML.
    return written.includes('\n') ? JSON.stringify(value) : written
  }
  const { object, entries, ignored, missing } = proposal
  const fields = entries.map((entry) => `  ${flow(entry.field)}: ${flow(sourceOf(entry))}${comment(entry.note)}`)
  const needed = missing.map(
    ({ field, label }) =>
      `  # ${field}: ${label === field ? '' : `${label}; `}a new record needs it, and no column looks like it`,
  )
  const left = ignored.map(({ column, note }) => `  - ${flow(column)}${comment(note)}`)
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# Proposed for ${source.replaceAll(/[\r\n]/g, ' ')}. Check what is noted behind a line.`,
    `object: ${object}`,
    ...(entries.length > 0 ? ['fields:', ...fields] : ['fields: {}']),
    ...needed,
    ...(ignored.length > 0 ? ['ignore: # no field of the object looks like them', ...left] : []),
    '',
  ].join('\n')
}

/** The mapping of a proposal as an object, as a mapping file in JSON has it. */
export function toMapping({ object, entries, ignored }: Proposal): object {
  return {
    object,
    fields: Object.fromEntries(entries.map((entry) => [entry.field, sourceOf(entry)])),
    ignore: ignored.map(({ column }) => column),
  }
}

function sourceOf({ column, keys }: ProposedEntry): unknown {
  return Object.keys(keys).length === 0 ? column : { column, ...keys }
}

function comment(note: string): string {
  return note === '' ? '' : `  # ${note.replaceAll(/[\r\n]/g, ' ')}`
}
