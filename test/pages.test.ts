import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, pages } from './support/pages.ts'
import { build, privateFolder } from './support/run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A command line of a page and what the page says it prints; `…` stands for any text, alone on a line for any lines. */
interface Step {
  readonly command: string
  readonly output: string
}

describe('the blocks of a page', () => {
  beforeAll(build)

  it.each(pages.filter((page) => stepsOf(page).length > 0))('of %s print what the page says', (page) => {
    const folder = privateFolder()
    cpSync(join(root, 'examples'), folder, { recursive: true })
    for (const { command, output } of stepsOf(page)) {
      const got = runInShell(command, folder)
      if (!matches(got, output)) expect(got, `$ ${command}`).toBe(output)
    }
  }, 180_000)
})

/** The commands of the page's `console` blocks; a here-document belongs to the line that begins it. */
function stepsOf(page: string): Step[] {
  const steps: { command: string; output: string }[] = []
  for (const { text } of blocksOf(page).filter(({ language }) => language === 'console')) {
    let terminator: string | undefined
    for (const line of text.split('\n').slice(0, -1)) {
      const step = steps.at(-1)
      if (terminator !== undefined && step) {
        step.command += `\n${line}`
        if (line === terminator) terminator = undefined
      } else if (line.startsWith('$ ')) {
        steps.push({ command: line.slice(2), output: '' })
        terminator = /<<'(\w+)'/.exec(line)?.[1]
      } else if (step) step.output += `${line}\n`
    }
  }
  return steps
}

/** What a terminal would show: both streams, in one. The page's commands share a folder and a home. */
function runInShell(command: string, folder: string): string {
  const bin = join(folder, '.bin')
  const script = `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin/sfbulk.js')}" "$@"\n`
  spawnSync('mkdir', ['-p', bin])
  writeFileSync(join(bin, 'sfbulk'), script)
  chmodSync(join(bin, 'sfbulk'), 0o755)
  writeFileSync(join(bin, 'sqlite3'), script.replace('bin/sfbulk.js', 'test/support/sqlite3.js'))
  chmodSync(join(bin, 'sqlite3'), 0o755)
  const { stdout } = spawnSync('sh', ['-c', `exec 2>&1\n${command}`], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      TMPDIR: process.env.TMPDIR,
      SFBULK_HOME: join(folder, '.home'),
      COLUMNS: '80',
    },
  })
  return stdout
}

function matches(got: string, wanted: string): boolean {
  const pattern = wanted
    .split('\n')
    .map((line) => (line === '…' ? '[\\s\\S]*?' : line.split('…').map(escapePattern).join('.*')))
    .join('\n')
    .replaceAll('[\\s\\S]*?\n', '[\\s\\S]*?')
  return new RegExp(`^${pattern}$`).test(got)
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
