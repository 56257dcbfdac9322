import { readdirSync, readFileSync } from 'node:fs'

/** Every page of the repository, those made from the program's own tables left out. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md') && !['commands.md', 'exit-codes.md', 'retries.md'].includes(name))
    .map((name) => `docs/${name}`),
]

export interface Block {
  readonly page: string
  /** What stands behind the three backquotes. */
  readonly language: string
  readonly text: string
}

/** The blocks of code of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', content = '']) => {
    return { page, language, text: content }
  })
}

/** The words behind `sfbulk` of each call of it in lines of a shell. */
export function callsIn(lines: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]]
  const pattern =
    /(?<end>\d?[<>]+|\$\(|[|;&()\n]+)|(?<gap>\\\n|#.*|\s)|(?<word>(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s|;&()<>"'\\])+)/g
  for (const { groups = {} } of lines.matchAll(pattern)) {
    if (groups.end !== undefined) commands.push([])
    else if (groups.word !== undefined) commands.at(-1)?.push(unquote(groups.word))
  }
  return commands.flatMap((words) => {
    const start = words.indexOf('sfbulk')
    const isCalled = words.slice(0, Math.max(start, 0)).every((word) => /^(exec|if|then|do|!|\$|\w+=.*|-)$/.test(word))
    return start < 0 || !isCalled ? [] : [words.slice(start + 1)]
  })
}

function unquote(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, double, single) => double ?? single)
}
