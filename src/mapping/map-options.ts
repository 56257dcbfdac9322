import { UsageError } from '../errors.ts'
import type { Mapping, MappingEntry } from './mapping.ts'

/**
 * Reads the repeated option `--map column=field`. The last `=` divides, since a column may hold one and a field cannot.
 * Throws `UsageError` for an option without a column or a field.
 */
export function parseMapOptions(options: readonly string[]): Mapping {
  return { object: undefined, entries: options.map(parseMapOption), ignore: [] }
}

function parseMapOption(option: string): MappingEntry {
  const divider = option.lastIndexOf('=')
  const column = option.slice(0, divider)
  const field = option.slice(divider + 1).trim()
  if (divider < 1 || field === '') {
    throw new UsageError(`--map ${option} names no ${divider < 1 ? 'column' : 'field'}`, {
      code: 'BAD_MAP_OPTION',
      hint: 'write --map column=field, for example --map Surname=LastName',
    })
  }
  return { field, source: { kind: 'column', column }, origin: `--map ${option}` }
}
