/** A text in one line: what would move the cursor of a terminal, or colour what follows, becomes a space. */
export function showable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

/** The same for a text of several lines: names of columns and words of a service are shown as they are, but must not act. */
export function showableLines(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]+/gu, ' ')
}
