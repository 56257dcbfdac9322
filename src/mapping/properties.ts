/** A line of a Java properties file, continuations joined and escapes taken off. */
export interface Property {
  readonly key: string
  readonly value: string
  readonly line: number
}

/**
 * Reads a Java properties file (java.util.Properties, "load"): `key=value`, `key:value` or `key value`; `#` and `!` begin comments;
 * a backslash at the end of a line carries on with the next one, elsewhere it takes the meaning from the character behind it;
 * `\uXXXX` is a character.
 */
export function parseProperties(text: string): readonly Property[] {
  return joinLines(text).map(({ logical, line }) => {
    const end = /(?<!(?:^|[^\\])(?:\\\\)*\\)[=:\s]/.exec(logical)?.index ?? logical.length
    const value = logical.slice(end).replace(/^\s*[=:]?\s*/, '')
    return { key: takeEscapesOff(logical.slice(0, end)), value: takeEscapesOff(value), line }
  })
}

/** The bytes of a properties file as text: UTF-8 where they are that, Latin-1 otherwise, which is what Java writes. */
export function decodeProperties(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/** Lines that say something, with the number of the first of those that make it up. */
function joinLines(text: string): readonly { readonly logical: string; readonly line: number }[] {
  const found: { logical: string; line: number }[] = []
  let open: { logical: string; line: number } | undefined
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const natural = raw.trimStart()
    if (!open && (natural === '' || /^[#!]/.test(natural))) continue
    const isContinued = /(?:^|[^\\])(?:\\\\)*\\$/.test(natural)
    const logical = (open?.logical ?? '') + (isContinued ? natural.slice(0, -1) : natural)
    open = { logical, line: open?.line ?? index + 1 }
    if (isContinued) continue
    found.push(open)
    open = undefined
  }
  return open ? [...found, open] : found
}

function takeEscapesOff(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, character: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return controls[character] ?? character
  })
}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }
