import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

const program = fileURLToPath(new URL('../../bin/sfbulk.js', import.meta.url))

describe('a line that cannot be understood', () => {
  it.each([
    ['upsrt Account a.csv', "sfbulk: unknown command 'upsrt'\n  → Did you mean upsert?\n  → see sfbulk --help\n"],
    ['limits --jsn', "sfbulk: unknown option '--jsn'\n  → Did you mean --json?\n  → see sfbulk limits --help\n"],
    ['sync run', "sfbulk: missing required argument 'file'\n  → see sfbulk sync run --help\n"],
    ['sync --jsn', "sfbulk: unknown option '--jsn'\n  → see sfbulk sync --help\n"],
    ['insert', "sfbulk: missing required argument 'sobject'\n  → see sfbulk insert --help\n"],
    [
      'limits -q -v',
      "sfbulk: option '-q, --quiet' cannot be used with option '-v, --verbose'\n  → see sfbulk limits --help\n",
    ],
    ['org start --port 70000', 'sfbulk: --port takes a whole number from 0 to 65,535, not "70000"\n'],
    ['insert Account a.csv --wait soon', 'sfbulk: --wait takes a number of minutes, not "soon"\n'],
    ['insert Account a.csv --api rest', 'sfbulk: --api takes one of auto, bulk, soap, not "rest"\n'],
    ['insert Account a.csv --job-bytes 0', 'sfbulk: --job-bytes takes a whole number from 1 to 100,000,000, not "0"\n'],
    [
      'insert Account a.csv --column-delimiter ;',
      'sfbulk: --column-delimiter takes one of comma, semicolon, tab, pipe, caret, backquote, not ";"\n',
    ],
    [
      'describe --csv-template -o local',
      'sfbulk: --csv-template needs the name of an object\n  → sfbulk describe Account --csv-template\n',
    ],
  ])('%s: exit 2, naming what is wrong', async (line, stderr) => {
    expect(await run(line)).toMatchObject({ code: 2, stdout: '', stderr })
  })

  it('is an object on stdout with --json', async () => {
    const { code, stdout } = await run('limits --json --jsn')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'COMMAND_LINE',
        message: "unknown option '--jsn'",
        hint: 'Did you mean --json?\nsee sfbulk limits --help',
      },
      exitCode: 2,
    })
  })

  it('names the choices when no org is named', async () => {
    const { code, stderr } = await run('limits')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^sfbulk: No org is named\n {2}→ .*--target-org local/)
  })
})

it.each([
  ['query --file q.soql --output ./q.soql -o local', './q.soql is the file of the query'],
  ['query "SELECT Name FROM Account" --mapping m.yaml --output m.yaml -o local', 'm.yaml is the mapping file'],
  ['insert Account a.csv --mapping m.yaml --errors m.yaml -o local', 'm.yaml is the mapping file'],
  ['insert Account a.csv --success a.csv -o local', 'a.csv is the input'],
])('what is written takes the place of nothing that is read: %s', async (line, words) => {
  const files = { 'q.soql': 'SELECT Name FROM Account', 'm.yaml': 'fields:\n  Name: Name\n', 'a.csv': 'Name\nAnn\n' }
  const result = await run(line, { files })
  expect(result).toMatchObject({ code: 2, stdout: '', files })
  expect(result.stderr).toContain(words)
})

it('ends with 4 where the user may not do that to records of the object', async () => {
  const { code, stderr } = await run('insert Profile a.csv -o local', { files: { 'a.csv': 'Name\nAnn\n' } })
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('may not insert Profile records') })
})

it.runIf(process.platform === 'linux')(
  'a folder that was deleted is told, not taken for a fault of the program',
  () => {
    const cwd = privateFolder()
    const line = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" query "SELECT Id FROM Account" -o local'
    const env = { PATH: process.env.PATH, SFBULK_HOME: `${cwd}/home` }
    const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, program], { cwd, env, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'sfbulk: the current folder is not there any more\n  → go to another one\n',
    })
  },
)
