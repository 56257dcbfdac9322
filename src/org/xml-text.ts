/** Text as it stands between two tags. A carriage return is written as a reference: a parser would make a line feed of it. */
export function escapeXml(text: string): string {
  if (!/[&<>\r]/.test(text)) return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
}

/** The first character that XML 1.0 has no way to write, not even as a reference. Source: XML 1.0, section 2.2. */
export function findUnwritable(text: string): number | undefined {
  const found = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.exec(text)
  return found?.[0].codePointAt(0)
}

/** What references to characters stand for; one to an entity that XML does not have is left as it is. */
export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hexadecimal, decimal, name) => {
    if (name !== undefined) return entities[String(name)] ?? whole
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** A document without CDATA sections: in each one's place stands the same text, escaped. */
export function dissolveSections(document: string): string {
  if (!document.includes('<![CDATA[')) return document
  return document.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, text: string) => escapeXml(text))
}

/** Whether a text is true in both spellings that XML Schema has for it. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^\s*(?:true|1)\s*$/.test(text)
}

/**
 * The text of the first element of a name, whatever its namespace prefix; undefined where there is none without elements in
 * it. For answers that hold a handful of texts: loading a parser takes longer.
 */
export function readElement(document: string, name: string): string | undefined {
  const element = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>([^<]*)</`)
  const [, content] = element.exec(dissolveSections(document)) ?? []
  return content === undefined ? undefined : decodeReferences(content)
}
