/** A text in one line: what would move the cursor of a terminal, or colour what follows, becomes a space. */
export function showable(text: string): string {
  return nameUnseen(text.replace(/\p{Cc}+/gu, ' '))
}

/** The same for a text of several lines: names of columns and words of a service are shown as they are, but must not act. */
export function showableLines(text: string): string {
  return nameUnseen(text.replace(/[^\P{Cc}\n\t]+/gu, ' '))
}

/** Characters without width and of direction, by which two names look the same, by their numbers; not the joiners of scripts. */
function nameUnseen(text: string): string {
  return text.replace(
    /[^\P{Cf}\u200c-\u200f]/gu,
    (unseen) => `<U+${unseen.codePointAt(0)?.toString(16).toUpperCase()}>`,
  )
}
