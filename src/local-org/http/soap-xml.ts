import { XMLParser } from 'fast-xml-parser'
import { isObject } from './api-request.ts'

/** An element without its namespace prefix. Comments, processing instructions and all attributes but `xsi:nil` are dropped. */
export interface XmlElement {
  readonly name: string
  /** `xsi:nil="true"`. */
  readonly nil: boolean
  /** Text of the element itself; empty where there are only elements in it. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

/**
 * Reads a document. Gives `undefined` for one that is not well-formed, that has a DOCTYPE (so that no entity can be
 * declared, let alone fetched), that refers to an entity which XML itself does not have, or that uses a prefix which
 * stands for no namespace.
 */
export function parseXml(document: string): XmlElement | undefined {
  if (/<!DOCTYPE/i.test(document) || forbidden.test(document)) return undefined
  const long: string[] = []
  try {
    const nodes: unknown = parser.parse(takeLongTexts(document, long), true)
    const roots = Array.isArray(nodes) ? nodes.flatMap((node) => readNode(node, long, knownPrefixes)) : []
    return roots.length === 1 ? roots[0] : undefined
  } catch {
    return undefined
  }
}

export function findChild(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

/** Texts of all children of a name, in order. */
export function childTexts(element: XmlElement, name: string): readonly string[] {
  return element.children.filter((child) => child.name === name).map(({ text }) => text)
}

/** A carriage return is written as a reference, since readers make a line feed of it; what XML has no place for is left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')
    .replace(new RegExp(forbidden, 'g'), '')
}

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  preserveOrder: true,
  cdataPropName: '#cdata',
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for these characters
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f]/

/** One of them is therefore free to mark what was taken out. */
const mark = '\x01'

const longest = 4096

/** The parser reads character by character, a second for each megabyte: the body of a file does not go through it. */
function takeLongTexts(document: string, taken: string[]): string {
  const kept: string[] = []
  let from = 0
  for (let end = 0, previous = 0; end >= 0; previous = end, end = document.indexOf('<', end + 1)) {
    if (end - previous <= longest) continue
    // The last one ends the tag or stands in the text; one before it may stand in an attribute.
    const start = document.lastIndexOf('>', end) + 1
    if (end - start <= longest) continue
    kept.push(document.slice(from, start), mark, String(taken.length), mark)
    taken.push(document.slice(start, end).replace(/\r\n?/g, '\n'))
    from = end
  }
  return kept.length === 0 ? document : kept.join('') + document.slice(from)
}

/**
 * The parser's node: one key with the children, `:@` with the attributes; or `#text`, or `#cdata`.
 * @param outer prefixes that elements around it have declared
 */
function readNode(node: unknown, long: readonly string[], outer: ReadonlySet<string>): XmlElement[] {
  if (!isObject(node)) return []
  const tag = Object.keys(node).find((key) => key !== ':@' && !key.startsWith('#'))
  const content = tag === undefined ? undefined : node[tag]
  if (tag === undefined || !Array.isArray(content)) return []
  const attributes = isObject(node[':@']) ? node[':@'] : {}
  const names = Object.keys(attributes)
  const declared = names.filter((name) => name.startsWith('xmlns:')).map((name) => name.slice('xmlns:'.length))
  const prefixes = declared.length === 0 ? outer : new Set([...outer, ...declared])
  const name = localName(tag, prefixes)
  const nil = names.find((attribute) => localName(attribute, prefixes) === 'nil')
  const children = content.flatMap((child: unknown) => readNode(child, long, prefixes))
  const text = children.length > 0 ? '' : content.map((child: unknown) => readText(child, long)).join('')
  return [{ name, nil: nil !== undefined && ['true', '1'].includes(String(attributes[nil])), text, children }]
}

/** Those that no document needs to declare. Source: Namespaces in XML 1.0, section 3. */
const knownPrefixes: ReadonlySet<string> = new Set(['xml', 'xmlns'])

/** A name without its prefix. Throws for a prefix that nobody has declared. */
function localName(name: string, prefixes: ReadonlySet<string>): string {
  const colon = name.indexOf(':')
  if (colon >= 0 && !prefixes.has(name.slice(0, colon))) throw new SyntaxError(`the prefix of ${name} is not bound`)
  return name.slice(colon + 1)
}

function readText(node: unknown, long: readonly string[]): string {
  if (!isObject(node)) return ''
  const verbatim = node['#cdata']
  if (Array.isArray(verbatim)) return verbatim.map((part: unknown) => restore(textOf(part), long)).join('')
  return decode(restore(textOf(node), long))
}

function textOf(node: unknown): string {
  return isObject(node) && node['#text'] !== undefined ? String(node['#text']) : ''
}

/** What was taken out stands between two marks, and is every second piece. */
function restore(text: string, long: readonly string[]): string {
  return text
    .split(mark)
    .map((piece, index) => (index % 2 === 0 ? piece : (long[Number(piece)] ?? '')))
    .join('')
}

const entities: Readonly<Record<string, string>> = { 'lt;': '<', 'gt;': '>', 'amp;': '&', 'quot;': '"', 'apos;': "'" }

/** Throws for a reference to no character. */
function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;\s]*;)?/g, (reference: string, name = '') => {
    const number = /^#(?:x([0-9a-fA-F]+)|(\d+));$/.exec(name)
    const digits = number?.[1] ?? number?.[2]
    const character =
      digits === undefined
        ? entities[name]
        : String.fromCodePoint(Number.parseInt(digits, number?.[1] === undefined ? 10 : 16))
    if (character === undefined || forbidden.test(character)) throw new SyntaxError(`no character: ${reference}`)
    return character
  })
}
