/** Stands in a line between what stands as it is and the text that is wrapped beside it. */
export const wrapMark = '\u001f'

/** Below this width a text is left to the terminal. */
const narrowest = 30

/** The marked lines of a text as lines of at most so many columns; only words that are longer stick out. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, columns))
    .join('\n')
}

/** Marks each line behind its indentation and the sign of a list. */
export function markLines(text: string): string {
  return text.replaceAll(/^( *(?:→ )?)(?=\S)/gm, `$1${wrapMark}`)
}

function wrapLine(line: string, columns: number): readonly string[] {
  const mark = line.indexOf(wrapMark)
  if (mark < 0) return [line]
  const lead = line.slice(0, mark)
  const width = Math.max(columns - lead.length, narrowest)
  const [first = '', ...rest] = wrapText(line.slice(mark + 1), width)
  return [lead + first, ...rest.map((piece) => ' '.repeat(lead.length) + piece)].map((piece) => piece.trimEnd())
}

function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
