import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface RunOptions {
  /** Files to lay into the folder first, by their path in it. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  readonly env?: Readonly<Record<string, string>>
  /** What standard input holds; closed and empty by default. */
  readonly stdin?: string | Buffer
  /** The folder to run in, such as that of an earlier run; default: a new one, deleted when the test ends. */
  readonly cwd?: string
}

export interface RunResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Every file of the folder after the run, by its path in it. */
  readonly files: Readonly<Record<string, string>>
  readonly cwd: string
}

/**
 * Runs the built program as a user would: `run('upsert Account accounts.csv -i ERP_Id__c')`. Words may be quoted with
 * double quotes. The environment is this process's PATH and what the test gives; SFBULK_HOME is a folder of its own that
 * runs with the same `cwd` share.
 */
export async function run(line: string, options: RunOptions = {}): Promise<RunResult> {
  const { child, cwd } = await start(line, options)
  child.stdin?.end(options.stdin ?? '')
  const [stdout, stderr, code] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { code, stdout, stderr, files: readFiles(cwd), cwd }
}

/** The same without waiting for the end; the process is ended with the test if it still runs. */
export async function start(line: string, options: RunOptions = {}): Promise<{ child: ChildProcess; cwd: string }> {
  build()
  const cwd = options.cwd ?? privateFolder()
  for (const [name, content] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(cwd, name)), { recursive: true })
    await writeFile(join(cwd, name), content)
  }
  const child = spawn(process.execPath, [join(root, 'bin/sfbulk.js'), ...splitWords(line)], {
    cwd,
    env: {
      PATH: process.env.PATH,
      TMPDIR: process.env.TMPDIR,
      SFBULK_HOME: `${cwd}.home`,
      SFBULK_KEYCHAIN: 'none',
      ...options.env,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin?.on('error', () => undefined)
  return { child, cwd }
}

let built = false

/** Makes the program that tests start, unless it is as new as its sources. */
export function build(): void {
  if (!built) execFileSync(process.execPath, [join(root, 'scripts/build.js'), '--if-stale'], { stdio: 'inherit' })
  built = true
}

/** A new folder for runs, deleted with its SFBULK_HOME when the test ends. */
export function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-cli-'))
  onTestFinished(async () => {
    await rm(folder, { recursive: true, force: true })
    await rm(`${folder}.home`, { recursive: true, force: true })
  })
  return folder
}

function splitWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

async function readAll(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream ?? []) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

function readFiles(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}
