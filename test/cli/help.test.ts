import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/commands/table.ts'
import { run } from '../support/run.ts'

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
})
