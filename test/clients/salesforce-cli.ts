import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `node scripts/clients.js` puts programs of other makers. */
const folder = resolve(process.env.SFBULK_CLIENTS ?? fileURLToPath(new URL('../../.clients', import.meta.url)))
const isWindows = process.platform === 'win32'
const nodePackage = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
const node = join(folder, 'node-24/node_modules', nodePackage, isWindows ? 'bin/node.exe' : 'bin/node')
const script = join(folder, 'salesforce-cli/node_modules/@salesforce/cli/bin/run.js')

/** Why the CLI cannot be run; `undefined` when it can. */
export const missingCli =
  existsSync(node) && existsSync(script)
    ? undefined
    : `the Salesforce CLI is not in ${folder}: node scripts/clients.js installs it`

/** What to type in place of `sf`. */
export const cliCommand: readonly string[] = [node, script]

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `sf` with these words in a folder that is its working directory and, beside it, its home. */
export async function runCli(
  cwd: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const child = spawn(node, [script, ...words], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cliEnvironment(join(cwd, 'home')), ...env },
  })
  const [stdout, stderr, code] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise<number | null>((done) => child.on('close', done)),
  ])
  return { code, stdout, stderr }
}

/** A home of its own; nothing is asked of the network or of the system's key store; output is as wide as it must be. */
export function cliEnvironment(home: string): Record<string, string | undefined> {
  return { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, HOME: home, USERPROFILE: home, ...quiet }
}

const quiet = {
  SF_DISABLE_TELEMETRY: 'true',
  SF_AUTOUPDATE_DISABLE: 'true',
  SF_SKIP_NEW_VERSION_CHECK: 'true',
  SF_DISABLE_LOG_FILE: 'true',
  SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
  SF_USE_PROGRESS_BAR: 'false',
  NO_COLOR: '1',
  COLUMNS: '200',
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
