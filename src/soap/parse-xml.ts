import { XMLParser } from 'fast-xml-parser'
import { decodeReferences, dissolveSections } from '../org/xml-text.ts'

/** An element: its text, or its children by name without prefix, each name in the order of the document. */
export type XmlNode = string | { readonly [name: string]: readonly XmlNode[] | undefined }

/**
 * Reads a document, attributes left out. Undefined for one that is not well-formed or has a DOCTYPE: nobody may declare
 * entities here.
 */
export function parseXml(document: string): XmlNode | undefined {
  const plain = dissolveSections(document)
  if (plain.includes('<!DOCTYPE')) return undefined
  try {
    return parser.parse(plain, true) as XmlNode
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
  return typeof child === 'string' ? decodeReferences(child) : ''
}

/** The texts of all children of a name. */
export function childTexts(node: XmlNode | undefined, name: string): readonly string[] {
  return childrenOf(node, name).flatMap((child) => (typeof child === 'string' ? [decodeReferences(child)] : []))
}

/** Entities are left to `decodeReferences`: the parser bounds their number, and a long message may have many quotes. */
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
