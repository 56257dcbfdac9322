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
