import manifest from '../package.json' with { type: 'json' }

/**
 * The program: runs one command line and returns the exit code. The version is answered here, without reading another
 * file: a start then costs little more than that of Node itself.
 */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${manifest.version}\n`)
    return 0
  }
  const { runCommandLine } = await import('./command-line.ts')
  return await runCommandLine(argv)
}
