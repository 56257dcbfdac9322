import type { Node } from 'yaml'

/** A piece of a mapping file with the line where it begins: what the reader of YAML and JSON gives to those who know the words. */
export type Located =
  | { readonly kind: 'text'; readonly line: number; readonly text: string }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly Located[] }
  | { readonly kind: 'map'; readonly line: number; readonly entries: readonly LocatedEntry[] }
  /** Nothing after the colon, `null` or `~`. */
  | { readonly kind: 'nothing'; readonly line: number }

export interface LocatedEntry {
  readonly key: string
  readonly line: number
  readonly value: Located
}

/** A fault of a file: what is wrong, and in which line. */
export interface LocatedFault {
  readonly line: number
  readonly text: string
  /** What to do about it, where that is not the same for every fault. */
  readonly hint?: string | undefined
}

/**
 * Reads YAML, of which JSON is a part. Numbers and words such as `yes` keep the spelling that they have in the file (`007`
 * stays `007`), since a mapping knows no types. What is no YAML comes back as faults.
 */
export async function readLocated(text: string): Promise<Located | { readonly faults: readonly LocatedFault[] }> {
  const { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    return {
      faults: document.errors.map(({ code, linePos, message }) => ({
        line: linePos?.[0].line ?? 1,
        text:
          code === 'MULTIPLE_DOCS'
            ? 'another document begins here, and the file may hold one only: take the line --- out'
            : firstLine(message).replace(/(?: at line \d+, column \d+)?:?$/, ''),
      })),
    }
  }
  // A node that several aliases name is read once: nested aliases would grow without end otherwise.
  const known = new Map<Node, Located>()
  const open = new Set<Node>()
  const faults: LocatedFault[] = []

  const locate = (node: unknown, before: number): Located => {
    if (isAlias(node)) return locate(node.resolve(document), before)
    if (!isScalar(node) && !isSeq(node) && !isMap(node)) return { kind: 'nothing', line: before }
    if (open.has(node)) {
      faults.push({ line: before, text: 'an alias stands inside of what it names' })
      return { kind: 'nothing', line: before }
    }
    open.add(node)
    const found = known.get(node) ?? read(node, node.range ? lines.linePos(node.range[0]).line : before)
    open.delete(node)
    known.set(node, found)
    return found
  }
  const read = (node: unknown, line: number): Located => {
    if (isMap(node)) return { kind: 'map', line, entries: node.items.map((pair) => entry(pair.key, pair.value, line)) }
    if (isSeq(node)) return { kind: 'list', line, items: node.items.map((item) => locate(item, line)) }
    if (!isScalar(node) || node.value === null) return { kind: 'nothing', line }
    return { kind: 'text', line, text: node.source ?? String(node.value) }
  }
  const entry = (key: unknown, value: unknown, before: number): LocatedEntry => {
    const located = locate(key, before)
    const { line } = located
    return { key: located.kind === 'text' ? located.text : '', line, value: locate(value, line) }
  }
  const root = locate(document.contents, 1)
  return faults.length > 0 ? { faults } : root
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}
