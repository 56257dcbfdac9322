import { XMLParser } from 'fast-xml-parser'

/** An element: its text, or its children by name without prefix, each name in the order of the document. */
export type XmlNode = string | { readonly [name: string]: readonly XmlNode[] | undefined }

/**
 * Reads a document, attributes left out. Undefined for one that is not well-formed or has a DOCTYPE: nobody may declare
 * entities here.
 */
export function parseXml(document: string): XmlNode | undefined {
  if (document.includes('<!DOCTYPE')) return undefined
  try {
    return parser.parse(document, true) as XmlNode
  } catch {
    return undefined
  }
}

/** The children of a name; none where the node is text or undefined. */
export function childrenOf(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  return node === undefined || typeof node === 'string' ? [] : (node[name] ?? [])
}

/** The text of the first child of a name; empty when there is none. */
export function childText(node: XmlNode | undefined, name: string): string {
  const [child] = childrenOf(node, name)
  return typeof child === 'string' ? decodeText(child) : ''
}

/** The texts of all children of a name. */
export function childTexts(node: XmlNode | undefined, name: string): readonly string[] {
  return childrenOf(node, name).flatMap((child) => (typeof child === 'string' ? [decodeText(child)] : []))
}

/** Entities are left to `decodeText`: the parser bounds their number, and a long message may have many quotes. */
const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  isArray: () => true,
})

/** The text that an element's characters stand for. */
export function decodeText(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hexadecimal, decimal, name) => {
    if (name !== undefined) return entities[String(name)] ?? whole
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
