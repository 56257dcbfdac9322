import { type FileReader, readEntries, readParameters, readText, readWord, refuse } from './file-reader.ts'
import type { LocatedEntry } from './located.ts'
import type { LookupSource } from './mapping.ts'

/** The keys of a lookup. */
export const lookupKeys = ['lookup', 'match', 'take', 'missing', 'ambiguous'] as const

export const missingWords = ['reject', 'empty'] as const
export const ambiguousWords = ['reject', 'empty', 'first'] as const

/** What `lookup:` and the keys beside it say; `column` is that of the input. Faults are noted in the reader. */
export async function readLookup(
  reader: FileReader,
  field: string,
  entries: ReadonlyMap<string, LocatedEntry>,
): Promise<{ readonly column: string; readonly source: LookupSource } | undefined> {
  const lookup = entries.get('lookup')!
  for (const key of ['column', 'columns']) {
    const entry = entries.get(key)
    if (entry) refuse(reader, entry, `${field}: the column of a lookup is the first one of "match:"`)
  }
  const from = readTable(reader, field, lookup)
  const match = entries.get('match')?.value
  const names = match?.kind === 'list' ? match.items.flatMap((item) => (item.kind === 'text' ? [item.text] : [])) : []
  const [column, key] = names
  if (column === undefined || key === undefined || names.length !== 2) {
    return refuse(reader, match ?? lookup, `${field}: match wants [column of the input, column of the lookup]`)
  }
  const wanted = entries.get('take')
  if (!wanted) return refuse(reader, lookup, `${field}: a lookup wants "take:", the column whose text is sent`)
  const take = readText(reader, wanted.value, `${field}: take`)
  const word = <Word extends string>(name: string, words: readonly Word[], other: Word) => {
    const entry = entries.get(name)
    return entry ? readWord(reader, entry.value, `${field}: ${name}`, words) : other
  }
  const missing = word('missing', missingWords, 'reject')
  const ambiguous = word('ambiguous', ambiguousWords, 'reject')
  if (!from || !take || !missing || !ambiguous) return undefined
  return { column, source: { from, match: key, take, missing, ambiguous } }
}

function readTable(reader: FileReader, field: string, { value, line }: LocatedEntry): LookupSource['from'] | undefined {
  if (value.kind === 'text') {
    const file = readParameters(reader, value, `${field}: lookup`)
    if (file === '') return refuse(reader, { line }, `${field}: lookup wants the path of a CSV`)
    return file === undefined ? undefined : { file: reader.findFile(file), name: file }
  }
  const query = readEntries(reader, value, `${field}: lookup`, ['query'])?.get('query')
  if (!query) return refuse(reader, { line }, `${field}: lookup wants the path of a CSV, or { query: SELECT … }`)
  const soql = readParameters(reader, query.value, `${field}: query`)
  return soql === undefined ? undefined : { query: soql }
}
