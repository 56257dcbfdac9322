import type { LocatedFault } from './located.ts'
import type { Mapping, MappingEntry } from './mapping.ts'
import { decodeProperties, type Property, parseProperties } from './properties.ts'

/** Which side of a line is the column: the left one for a load, the right one for an extract. */
export type MappingDirection = 'load' | 'extract'

/**
 * A Data Loader mapping (`.sdl`) as it stands: `Column=Field`, `Column=Field, Other`, `"constant"=Field`, `Column=` for a column that
 * is left out; `Field=Column` for an extract. Only what it names is sent, as Data Loader does. What Data Loader passes over in
 * silence is a fault here: a column without a name, a space without a backslash, a column that comes twice.
 * Source: dataloader, Mapper.java and LoadMapper.java, and the mappings of its tests.
 */
export function readSdl(
  bytes: Buffer,
  name: string,
  direction: MappingDirection,
): Mapping | { readonly faults: readonly LocatedFault[] } {
  const faults: LocatedFault[] = []
  const entries: MappingEntry[] = []
  const ignore: string[] = []
  const known = new Map<string, number>()
  for (const property of parseProperties(decodeProperties(bytes))) {
    const { key, value, line } = property
    const origin = `${name}:${line}`
    const fault = direction === 'load' ? findFault(property, known) : undefined
    known.set(key.toLowerCase(), line)
    if (fault !== undefined) {
      faults.push({ line, text: fault })
    } else if (direction === 'extract') {
      if (key !== '' && value.trim() !== '') entries.push({ field: key, source: columnOf(value.trim()), origin })
    } else if (value.trim() === '') {
      ignore.push(key)
    } else {
      const source = isConstant(key) ? ({ kind: 'constant', value: key.slice(1, -1) } as const) : columnOf(key)
      for (const field of value.split(',')) entries.push({ field: field.trim(), source, origin })
    }
  }
  return faults.length > 0 ? { faults } : { object: undefined, entries, ignore, matchesNames: false }
}

function columnOf(column: string): MappingEntry['source'] {
  return { kind: 'column', column }
}

function isConstant(key: string): boolean {
  return key.length >= 2 && key.startsWith('"') && key.endsWith('"')
}

function findFault({ key, value }: Property, known: ReadonlyMap<string, number>): string | undefined {
  const before = known.get(key.toLowerCase())
  if (key === '') return `no column is named for ${value}: Data Loader passes over such a line`
  if (key.startsWith('"') && !isConstant(key)) {
    return `${key} is half a constant: write a backslash before each space in it, as in "Upper\\ Austria"=Field`
  }
  if (/[=]/.test(value)) {
    return `"${key}" is not the whole column: write a backslash before each space, : and = in it, as in First\\ Name=FirstName`
  }
  if (before !== undefined)
    return `${key} stands in line ${before}, too: write its fields in one line, divided by commas`
  if (value.trim() !== '' && value.split(',').some((field) => field.trim() === '')) {
    return `a field is missing between the commas of "${value}"`
  }
  return undefined
}
