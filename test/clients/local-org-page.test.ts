import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hasCurl } from './curl.ts'
import { cliCommand, cliEnvironment, missingCli } from './salesforce-cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

if (!hasCurl) console.warn('Skipped: curl is not on this machine; install it to run the commands of docs/local-org.md')
else if (missingCli !== undefined) console.warn(`Left out of docs/local-org.md: ${missingCli}`)

describe.skipIf(!hasCurl)('docs/local-org.md', () => {
  it('has commands that work as they stand, in one shell', { timeout: 180_000 }, async () => {
    const blocks = readBlocks().filter((block) => missingCli === undefined || !block.includes('sf org login'))
    const { code, output } = await runInShell(blocks)
    expect(output).toMatch(/^\{"id":"001.{15}","success":true,"errors":\[\]\}/)
    expect(output).toContain('"totalSize":1,"done":true')
    expect(output).toMatch(/\{"access_token":"00D/)
    expect(output).toContain('1 accepted; INVALID_EMAIL_ADDRESS:')
    if (missingCli === undefined) {
      expect(output).toMatch(/NAME\W+OWNER\.NAME\W+Tannhof KG\W+Local Administrator/)
      expect(output).toContain('1 records written to accounts-by-sf.csv')
    }
    expect(output).toContain('"Name"\n"Tannhof KG"\n')
    expect(output).toContain('\n503\n')
    expect(output).toMatch(/"matched":1,"fired":1\},.*"matched":0,"fired":0\}/)
    expect(code).toBe(0)
  })
})

/** The commands of the page that follow each other; the last one stops what the first one started. */
function readBlocks(): string[] {
  const page = readFileSync(join(root, 'docs/local-org.md'), 'utf8')
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!)
  const stops = (block: string) => block.startsWith('kill ')
  return [...blocks.filter((block) => !stops(block)), ...blocks.filter(stops)]
}

async function runInShell(blocks: readonly string[]): Promise<{ code: number | null; output: string }> {
  execFileSync(process.execPath, [join(root, 'scripts/build.js'), '--if-stale'], { stdio: 'inherit' })
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-page-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await addProgram(bin, 'sfbulk', [process.execPath, join(root, 'bin/sfbulk.js')])
  await addProgram(bin, 'sf', cliCommand)
  const environment = cliEnvironment(join(folder, 'home'))
  const shell = spawn('sh', ['-ec', `exec 2>&1\n${blocks.join('\n')}`], {
    cwd: folder,
    // A group of its own, so that a server which the script leaves behind ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...environment, PATH: `${bin}${delimiter}${environment.PATH}`, SFBULK_HOME: join(folder, 'sfbulk') },
  })
  onTestFinished(() => endGroup(shell))
  const ended = new Promise<number | null>((resolve) => shell.on('exit', resolve))
  const [code, output] = await Promise.all([ended.finally(() => endGroup(shell)), readAll(shell.stdout)])
  return { code, output }
}

async function addProgram(bin: string, name: string, words: readonly string[]): Promise<void> {
  const quoted = words.map((word) => `"${word}"`).join(' ')
  await writeFile(join(bin, name), `#!/bin/sh\nexec ${quoted} "$@"\n`)
  await chmod(join(bin, name), 0o755)
}

function endGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL')
  } catch {
    // Everything in it has ended already.
  }
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
