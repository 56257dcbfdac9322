import manifest from '../package.json' with { type: 'json' }
import { helpColumns, printAtOnce } from './help/print-at-once.ts'
import { wrapLines } from './wrap-lines.ts'

/**
 * The program: runs one command line and returns the exit code. The version and every help are answered here, from texts that
 * the build took from the parser: such a start then costs little more than that of Node itself.
 */
export async function main(argv: readonly string[]): Promise<number> {
  if (await answersAtOnce(argv)) return 0
  const { runCommandLine } = await import('./command-line.ts')
  return await runCommandLine(argv)
}

async function answersAtOnce(argv: readonly string[]): Promise<boolean> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) return printAtOnce(`${manifest.version}\n`)
  const name = helpSubject(argv)
  if (name === undefined) return false
  const { helpTexts } = await import('sfbulk:help')
  const help = Object.hasOwn(helpTexts, name) ? helpTexts[name] : undefined
  return help !== undefined && printAtOnce(wrapLines(help, helpColumns()))
}

/** The command whose help is asked for and nothing else: `org start` of `org start --help` and of `help org start`. */
function helpSubject(argv: readonly string[]): string | undefined {
  const last = argv.at(-1)
  if (argv[0] === 'help') return argv.slice(1).join(' ')
  return last === '--help' || last === '-h' ? argv.slice(0, -1).join(' ') : undefined
}
