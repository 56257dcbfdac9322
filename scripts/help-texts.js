// The help of every command as the parser gives it, for the module `sfbulk:help`: the program prints it without the parser.
import { importSource } from './import-source.js'

/** A plugin of rolldown. */
export function helpPlugin() {
  const name = 'sfbulk:help'
  return {
    name,
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    async load(id) {
      if (id !== `\0${name}`) return undefined
      return `export const helpTexts = ${JSON.stringify(await readHelpTexts())}`
    },
  }
}

/** By the name of the command or group, that of the program by an empty name; lines are not wrapped yet. */
export async function readHelpTexts() {
  const { buildProgram } = await importSource('src/program.ts')
  let text = ''
  const write = (piece) => {
    text += piece
  }
  const program = buildProgram({ write, writeError: write }, async () => undefined)
  const texts = {}
  const collect = (parser, words) => {
    text = ''
    parser.outputHelp()
    texts[words.join(' ')] = text
    for (const each of parser.commands) collect(each, [...words, each.name()])
  }
  collect(program, [])
  return texts
}
