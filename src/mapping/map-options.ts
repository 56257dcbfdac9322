import { UsageError } from '../errors.ts'
import type { Mapping, MappingEntry } from './mapping.ts'

/**
 * Reads the repeated option `--map column=field`. The last `=` divides, since a column may hold one and a field cannot.
 * Throws `UsageError` for an option without a column or a field.
 */
export function parseMapOptions(options: readonly string[]): Mapping {
  return { object: undefined, entries: options.map(parseMapOption), ignore: [] }
}

/**
 * Reads the repeated option `--set field=value`: the same value for every row. The first `=` divides, since a value may hold one
 * and a field cannot. Throws `UsageError` for an option without a field or a value.
 */
export function parseSetOptions(options: readonly string[]): Mapping {
  return { object: undefined, entries: options.map(parseSetOption), ignore: [] }
}

function parseSetOption(option: string): MappingEntry {
  const divider = option.indexOf('=')
  const field = option.slice(0, divider).trim()
  const value = option.slice(divider + 1)
  if (divider < 1 || field === '' || value === '') {
    throw new UsageError(`--set ${option} has no ${divider < 1 || field === '' ? 'field' : 'value'}`, {
      code: 'BAD_SET_OPTION',
      hint: 'write --set field=value; --set "Phone=#N/A" takes the value away',
    })
  }
  return { field, source: { kind: 'constant', value }, origin: `--set ${option}` }
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
