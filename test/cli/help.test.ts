import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/commands/table.ts'
import { build, privateFolder, run } from '../support/run.ts'

describe('help and version', () => {
  it('lists every command', async () => {
    const { code, stdout, stderr } = await run('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const firstWords = new Set(commands.filter(({ hidden }) => !hidden).map(({ name }) => name.split(' ')[0]))
    expect([...firstWords].filter((word) => !stdout.includes(`\n  ${word} `))).toEqual([])
  })

  it('is the same by --help and by the help command', async () => {
    const [long, short, byCommand] = await Promise.all([run('upsert --help'), run('upsert -h'), run('help upsert')])
    expect(long.stdout).toContain('Usage: sfbulk upsert')
    expect(short).toMatchObject({ code: 0, stdout: long.stdout })
    expect(byCommand).toMatchObject({ code: 0, stdout: long.stdout })
  })

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('answers a line without a command with the help, as a usage error', async () => {
    const { code, stdout, stderr } = await run('')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Usage: sfbulk <command>')
  })

  it('names the nearest command when help is asked for one that is not there', async () => {
    const { code, stderr } = await run('help upsrt')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'sfbulk: there is no command upsrt\n  → did you mean upsert?\n',
    })
    expect((await run('help org start')).stdout).toContain('Usage: sfbulk org start')
  })

  it('is what the parser says, without a start of the parser', () => {
    build()
    const folder = privateFolder()
    cpSync('bin', join(folder, 'bin'), { recursive: true })
    // Nothing else: not the parser, and none of the program.
    for (const name of readdirSync('dist').filter((each) => each.endsWith('.cjs'))) {
      cpSync(join('dist', name), join(folder, 'dist', name))
    }
    const page = readFileSync('docs/commands.md', 'utf8')
    const names = commands.filter(({ hidden }) => !hidden).map(({ name }) => name)
    for (const line of ['--help', '-h', 'help', ...names.map((name) => `${name} --help`), 'help sync init', 'org -h']) {
      const shown = spawnSync(process.execPath, [join(folder, 'bin/sfbulk.js'), ...line.split(' ')], {
        encoding: 'utf8',
      })
      expect({ line, status: shown.status, stderr: shown.stderr }).toEqual({ line, status: 0, stderr: '' })
      if (line !== 'org -h') expect(page).toContain(`\`\`\`text\n${shown.stdout.trimEnd()}\n\`\`\`\n`)
    }
  })

  it('tells when it cannot be written, and nothing when nobody reads it', () => {
    build()
    const shell = (line: string) => {
      const result = spawnSync('sh', ['-c', line.replaceAll('sfbulk', `"${process.execPath}" bin/sfbulk.js`)], {
        encoding: 'utf8',
      })
      return `${result.status} ${result.stdout}${result.stderr}`
    }
    expect(shell('sfbulk upsert --help | head -n 1')).toBe('0 Usage: sfbulk upsert <sobject> [file] [options]\n')
    expect(shell('sfbulk upsert --help > /dev/full')).toMatch(/^1 sfbulk: standard output cannot be written/)
  })
})
