import { type FileReader, readEntries, readParameters, readText, readTexts, refuse, suggest } from './file-reader.ts'
import type { Located, LocatedEntry } from './located.ts'
import { lookupKeys, readLookup } from './lookup-source.ts'
import type { FieldSource } from './mapping.ts'
import { transforms } from './transforms/table.ts'
import type { Transform } from './transforms/transform.ts'

/** The keys that an entry may have besides those of its transforms and of a lookup. */
const sourceKeys = ['column', 'columns', 'separator', 'value', 'default', 'transform'] as const

/** Transforms that may stand beside `column:`, and what may stand beside them. */
const readingKeys = transforms.filter(({ isKey }) => isKey)
const entryKeys = [
  ...sourceKeys,
  ...readingKeys.flatMap(({ name, companions = {} }) => [name, ...Object.keys(companions)]),
  ...lookupKeys,
]

/**
 * The source that an entry of a mapping file describes: a column name, or a map of the keys that `docs/mapping.md` lists. What is
 * wrong with it is noted in the reader.
 */
export async function readFieldSource(
  reader: FileReader,
  field: string,
  node: Located,
): Promise<FieldSource | undefined> {
  if (node.kind === 'text' && node.text !== '') return { kind: 'column', column: node.text }
  if (node.kind !== 'map') return refuse(reader, node, `${field}: expected a column name`)
  const entries = readEntries(reader, node, field, entryKeys)
  if (!entries || entries.size < node.entries.length) return undefined
  const value = entries.get('value')
  if (value) return readConstant(reader, field, value, entries)

  const lookup = entries.has('lookup') ? await readLookup(reader, field, entries) : undefined
  const strays = lookupKeys.filter((key) => key !== 'lookup' && !entries.has('lookup') && entries.has(key))
  for (const key of strays) refuse(reader, entries.get(key)!, `${field}: ${key} goes with "lookup:"`)
  const isLookup = entries.has('lookup')
  const columns = isLookup ? lookup && [lookup.column] : readColumns(reader, field, node, entries)
  const steps = await readTransforms(reader, field, entries)
  const otherwise = entries.get('default')
  const separator = entries.get('separator')
  if (separator && !entries.has('columns')) refuse(reader, separator, `${field}: separator goes with "columns:"`)
  const between = separator ? readParameters(reader, separator.value, `${field}: separator`) : ' '
  const otherwiseText = otherwise ? readParameters(reader, otherwise.value, `${field}: default`) : ''
  if (!columns || between === undefined || otherwiseText === undefined || !steps) return undefined
  if (entries.has('lookup') && !lookup) return undefined
  const [column = '', ...others] = columns
  if (others.length === 0 && steps.length === 0 && !lookup && !otherwise) return { kind: 'column', column }
  return {
    kind: 'computed',
    columns,
    separator: between,
    transforms: steps,
    lookup: lookup?.source,
    otherwise: otherwiseText,
  }
}

type Entries = ReadonlyMap<string, LocatedEntry>

function readConstant(
  reader: FileReader,
  field: string,
  { value }: LocatedEntry,
  entries: Entries,
): FieldSource | undefined {
  const [other] = [...entries.values()].filter(({ key }) => key !== 'value')
  if (other) return refuse(reader, other, `${field}: "value:" stands alone: nothing is to be done with a constant`)
  const text = readParameters(reader, value, `${field}: value`)
  return text === undefined ? undefined : { kind: 'constant', value: text }
}

function readColumns(
  reader: FileReader,
  field: string,
  node: Located,
  entries: Entries,
): readonly string[] | undefined {
  const [one, several] = [entries.get('column'), entries.get('columns')]
  if (one && several) return refuse(reader, several, `${field}: there is "column:" and "columns:"; leave one out`)
  if (one) {
    const column = readText(reader, one.value, `${field}: column`)
    return column === undefined ? undefined : [column]
  }
  if (several) return readTexts(reader, several.value, `${field}: columns`)
  return refuse(reader, node, `${field}: expected "column:", "columns:", "value:" or "lookup:"`)
}

/** The steps of `transform:`, then those that stand beside it, such as `date:`. */
async function readTransforms(
  reader: FileReader,
  field: string,
  entries: Entries,
): Promise<readonly Transform[] | undefined> {
  const listed = entries.get('transform')
  const steps: (Transform | undefined)[] = []
  if (listed) {
    const { value } = listed
    const nodes = value.kind === 'list' ? value.items : [value]
    for (const node of nodes) steps.push(await readStep(reader, `${field}: transform`, node))
  }
  const reading = readingKeys.filter(({ name }) => entries.has(name))
  const [stray] = entries.has('lookup') ? reading : []
  if (stray) {
    const text = `${field}: ${stray.name} goes into "transform:" here: what is read is looked up then`
    return refuse(reader, entries.get(stray.name)!, text)
  }
  const [, second] = reading
  if (second) {
    const text = `${field}: ${reading.map(({ name }) => `"${name}:"`).join(' and ')} cannot both read the value`
    return refuse(reader, entries.get(second.name)!, text)
  }
  for (const declaration of readingKeys) {
    const companions = companionsOf(declaration.companions, entries)
    const entry = entries.get(declaration.name)
    for (const [key, node] of companions) {
      if (!entry) refuse(reader, node, `${field}: ${key} goes with "${declaration.name}:"`)
    }
    if (!entry) continue
    const what = `${field}: ${declaration.name}`
    steps.push(await declaration.compile({ reader, node: entry.value, companions, what, line: entry.line }))
  }
  return steps.every((step) => step !== undefined) ? steps : undefined
}

async function readStep(reader: FileReader, what: string, node: Located): Promise<Transform | undefined> {
  const names = transforms.map(({ name }) => name)
  if (node.kind === 'text') {
    const declaration = transforms.find(({ name }) => name === node.text)
    if (!declaration) return refuse(reader, node, `${what}: unknown step "${node.text}"${suggest(node.text, names)}`)
    if (!declaration.bare) {
      return refuse(reader, node, `${what}: ${node.text} wants to know more: { ${node.text}: … }, see docs/mapping.md`)
    }
    return declaration.compile({
      reader,
      node: undefined,
      companions: new Map(),
      what: `${what}: ${node.text}`,
      line: node.line,
    })
  }
  if (node.kind !== 'map') return refuse(reader, node, `${what} wants a step, such as trim, or a list of them`)
  const declaration = transforms.find(({ name }) => node.entries.some(({ key }) => key === name))
  if (!declaration) {
    const key = node.entries[0]?.key ?? ''
    return refuse(reader, node, `${what}: unknown step "${key}"${suggest(key, names)}`)
  }
  const { name, schema, companions: known = {} } = declaration
  const entries = readEntries(reader, node, what, [name, ...Object.keys(known)])
  const entry = entries?.get(name)
  if (!entries || !entry || entries.size < node.entries.length) return undefined
  if (!schema) return refuse(reader, entry, `${what}: ${name} stands by itself: write ${name}, with nothing behind it`)
  if (entry.value.kind === 'nothing') return refuse(reader, entry, `${what}: nothing stands behind "${name}:"`)
  const companions = companionsOf(known, entries)
  return declaration.compile({ reader, node: entry.value, companions, what: `${what}: ${name}`, line: entry.line })
}

function companionsOf(known: object | undefined, entries: Entries): ReadonlyMap<string, Located> {
  const given = Object.keys(known ?? {}).flatMap((key): [string, Located][] => {
    const entry = entries.get(key)
    return entry ? [[key, entry.value]] : []
  })
  return new Map(given)
}
