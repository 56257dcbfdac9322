/** A text in one line of at most `length` characters: what would move the cursor, or colour what follows, becomes a space. */
export function shorten(text: string, length: number): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ')
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}
