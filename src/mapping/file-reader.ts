import { findNearest } from '../nearest.ts'
import type { Located, LocatedEntry, LocatedFault } from './located.ts'

/** What those who read a mapping file share: the faults found so far, parameters, and where other files stand. */
export interface FileReader {
  readonly faults: LocatedFault[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Path of a file that the mapping names: beside the mapping file, else in the current folder. */
  readonly findFile: (name: string) => string
}

/** Notes a fault; `hint`: what to do about it. Gives undefined, so that a reader can end with it. */
export function refuse(
  reader: FileReader,
  { line }: { readonly line: number },
  text: string,
  hint?: string,
): undefined {
  reader.faults.push({ line, text, hint })
  return undefined
}

/** Text that is not empty. `what`: the place, for the message, such as `Email: column`. */
export function readText(reader: FileReader, node: Located, what: string): string | undefined {
  if (node.kind === 'text' && node.text !== '') return node.text
  return refuse(reader, node, `${what} wants a text`)
}

/** Text, an empty one as well, in which `${NAME}` is replaced by the parameter of that name from the environment. */
export function readParameters(reader: FileReader, node: Located, what: string): string | undefined {
  if (node.kind !== 'text') return refuse(reader, node, `${what} wants a text`)
  const missing: string[] = []
  const text = node.text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const parameter = reader.environment[name]
    if (parameter === undefined) missing.push(name)
    return parameter ?? ''
  })
  if (missing.length === 0) return text
  const hint = `set it for the command: ${missing[0]}=… sfbulk …`
  return refuse(reader, node, `${what}: the environment has no ${missing.join(', ')}`, hint)
}

/** One text or a list of them. */
export function readTexts(reader: FileReader, node: Located, what: string): readonly string[] | undefined {
  if (node.kind !== 'list') {
    const text = readText(reader, node, what)
    return text === undefined ? undefined : [text]
  }
  const texts = node.items.flatMap((item) => readText(reader, item, what) ?? [])
  if (node.items.length === 0) return refuse(reader, node, `${what} wants at least one text`)
  return texts.length === node.items.length ? texts : undefined
}

/** One of a few words. */
export function readWord<const Word extends string>(
  reader: FileReader,
  node: Located,
  what: string,
  words: readonly Word[],
): Word | undefined {
  const text = node.kind === 'text' ? node.text : ''
  const found = words.find((word) => word === text)
  return found ?? refuse(reader, node, `${what} is one of ${words.join(', ')}${text === '' ? '' : `, not "${text}"`}`)
}

/** A whole number, negative ones as well, but not 0. */
export function readPlace(reader: FileReader, node: Located, what: string): number | undefined {
  const text = node.kind === 'text' ? node.text : ''
  if (/^-?[1-9]\d{0,8}$/.test(text)) return Number(text)
  return refuse(reader, node, `${what} wants a whole number: 1 is the first, -1 the last`)
}

/** The entries of a map, all of whose keys must be known; undefined when it is no map. Unknown keys are faults. */
export function readEntries(
  reader: FileReader,
  node: Located,
  what: string,
  known: readonly string[],
): ReadonlyMap<string, LocatedEntry> | undefined {
  if (node.kind !== 'map') return refuse(reader, node, `${what} wants ${known.map((key) => `"${key}:"`).join(', ')}`)
  const entries = new Map<string, LocatedEntry>()
  for (const entry of node.entries) {
    if (known.includes(entry.key)) entries.set(entry.key, entry)
    else refuse(reader, entry, `${what}: unknown key "${entry.key}"${suggest(entry.key, known)}`)
  }
  return entries
}

/** The nearest of the known names, or all of them. */
export function suggest(name: string, known: readonly string[]): string {
  const near = findNearest(name, known)
  return near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ` (known: ${known.join(', ')})`
}
