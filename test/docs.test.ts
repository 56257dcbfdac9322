import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { commands as everyCommand } from '../src/commands/table.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { buildProgram } from '../src/program.ts'

const commands = everyCommand.filter(({ hidden }) => !hidden)
const page = readFileSync('docs/commands.md', 'utf8')

describe('the documentation', () => {
  it.each(commands.map(({ name }) => name))('has the help of %s as it is', (name) => {
    expect(page).toContain(`## ${name}\n\n\`\`\`text\n${helpOf(name)}\n\`\`\`\n`)
  })

  it('has no command that does not exist', () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, name]) => name)
    expect(headings).toEqual(commands.map(({ name }) => name))
  })

  it('lists every exit code', () => {
    const codes = readFileSync('docs/exit-codes.md', 'utf8')
    for (const { code, meaning } of Object.values(exitCodes)) expect(codes).toContain(`| ${code} | ${meaning} |`)
  })
})

describe('the pages', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'examples/README.md',
    ...readdirSync('docs').map((name) => `docs/${name}`),
  ]

  it.each(pages)('every link of %s leads to a file', (path) => {
    const links = [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([])
  })

  it('all are linked from the README', () => {
    const readme = readFileSync('README.md', 'utf8')
    expect(pages.filter((path) => path.startsWith('docs/') && !readme.includes(`(${path})`))).toEqual([])
  })
})

describe('the manual page', () => {
  it('is read without a complaint, and names every command', ({ skip }) => {
    if (spawnSync('man', ['--version']).error !== undefined) skip('man is not installed')
    const shown = spawnSync('man', ['--warnings', '-l', 'man/sfbulk.1'], {
      encoding: 'utf8',
      env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' },
    })
    expect({ status: shown.status, stderr: shown.stderr }).toEqual({ status: 0, stderr: '' })
    expect(commands.filter(({ name }) => !shown.stdout.includes(`sfbulk ${name}`))).toEqual([])
  })
})

describe('a command', () => {
  it.each(commands)('$name has two examples or more that call it, and exit codes', ({ name, examples, exits }) => {
    expect(examples.length).toBeGreaterThanOrEqual(2)
    expect(examples.filter(({ line }) => !line.includes(`sfbulk ${name}`))).toEqual([])
    expect(exits).toContain('done')
    expect(exits).toContain('usage')
  })

  it.each(commands)('$name finds its options under the names that the parser gives them', ({ options }) => {
    const names = Object.values(options).map(({ flags }) => new Option(flags).attributeName())
    expect(Object.keys(options)).toEqual(names)
  })
})

function helpOf(name: string): string {
  let text = ''
  const write = (piece: string) => {
    text += piece
  }
  const program = buildProgram({ write, writeError: write, columns: 100 }, async () => undefined)
  expect(() => program.parse([...name.split(' '), '--help'], { from: 'user' })).toThrow('(outputHelp)')
  return text.trimEnd()
}
