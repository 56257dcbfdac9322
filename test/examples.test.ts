import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { privateFolder } from './support/run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = readdirSync(join(root, 'examples')).filter((name) =>
  existsSync(join(root, 'examples', name, 'expected')),
)

describe('an example', () => {
  it.each(examples)('%s leaves the files that lie in its folder "expected", and no other errors', (name) => {
    const folder = privateFolder()
    const source = join(root, 'examples', name)
    cpSync(source, folder, { recursive: true })
    runScript(folder)
    const expected = readdirSync(join(source, 'expected')).sort()
    for (const file of expected) {
      // Where the program is installed is another place on each machine.
      const got = readFileSync(join(folder, file), 'utf8').replace(/(?<=\$schema=)\/.*(?=\/schemas)/, '…')
      expect([file, got]).toEqual([file, readFileSync(join(source, 'expected', file), 'utf8')])
    }
    const errors = readdirSync(folder).filter((file) => file.endsWith('.errors.csv'))
    expect(expected).toEqual(expect.arrayContaining(errors))
  }, 120_000)
})

/** Runs `run.sh` with the built program as `sfbulk` and a home of its own. */
function runScript(folder: string): void {
  const bin = join(folder, '.bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'sfbulk'), `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin/sfbulk.js')}" "$@"\n`)
  chmodSync(join(bin, 'sfbulk'), 0o755)
  const build = [join(root, 'scripts/build.js'), '--if-stale']
  expect(spawnSync(process.execPath, build, { encoding: 'utf8' })).toMatchObject({ status: 0 })
  const { stderr } = spawnSync('sh', [join(folder, 'run.sh')], {
    encoding: 'utf8',
    env: { PATH: `${bin}${delimiter}${process.env.PATH}`, TMPDIR: process.env.TMPDIR, SFBULK_HOME: `${folder}.home` },
  })
  expect(stderr).toBe('')
}
