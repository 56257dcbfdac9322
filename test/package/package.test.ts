import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../src/commands/table.ts'
import { findNode } from '../support/clients.ts'
import { privateFolder } from '../support/run.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}
const npm = findNpm()
const versions = ([20, 22, 24] as const).map((major) => ({ major, node: findNode(major) }))
const missing = versions.filter(({ node }) => node === undefined).map(({ major }) => major)
if (missing.length > 0) {
  console.warn(`Skipped: Node ${missing.join(' and ')} is not installed; node scripts/clients.js does it`)
}
const isOffline = spawnSync(process.execPath, [npm, 'ping', '--fetch-retries=0'], { timeout: 20_000 }).status !== 0
if (isOffline) console.warn('Skipped: the npm registry does not answer; packages cannot be installed')

beforeAll(() => {
  for (const script of ['scripts/build.js', 'scripts/types.js']) execFileSync(process.execPath, [script])
})

describe('the package', () => {
  let files: readonly string[]

  beforeAll(() => {
    const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
    const listed = JSON.parse(execFileSync('npm', words, { encoding: 'utf8' })) as [{ files: { path: string }[] }]
    files = listed[0].files.map(({ path }) => path)
  })

  it('holds the program, the types, the schemas and the pages, and no sources or tests', () => {
    const folders = new Set(files.map((path) => path.split('/')[0]))
    expect([...folders].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'THIRD-PARTY-LICENSES.md',
        'bin',
        'dist',
        'docs',
        'examples',
        'man',
        'package.json',
        'schemas',
      ].sort(),
    )
    expect(files).toContain('dist/types/library/library.d.ts')
  })

  it('depends on what cannot be bundled, and on nothing that runs a script when it is installed', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['libsql'])
    expect(Object.keys(manifest.optionalDependencies)).toEqual(['@napi-rs/keyring'])
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly hasInstallScript?: boolean }>>
    }
    const scripted = Object.entries(lock.packages).filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev)
    expect(scripted.map(([path]) => path)).toEqual([])
  })

  it('works where it is installed: as a program, as a library, with its types', () => {
    const folder = privateFolder()
    const place = join(folder, 'node_modules/sfbulk')
    for (const path of files) cpSync(path, join(place, path))
    for (const name of ['libsql', '@libsql', '@neon-rs', 'detect-libc']) {
      symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name))
    }
    writeFileSync(join(folder, 'leads.csv'), 'LastName,Company\nA,One\n')
    const env = { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, SFBULK_HOME: join(folder, 'home') }
    const run = (...words: string[]) => spawnSync(process.execPath, words, { cwd: folder, env, encoding: 'utf8' })
    const loaded = run(join(place, 'bin/sfbulk.js'), 'insert', 'Lead', 'leads.csv', '-o', 'local')
    expect({ status: loaded.status, stderr: loaded.stderr }).toMatchObject({ status: 0 })

    const use = `import { query, type QueriedRow } from 'sfbulk'
const options = { targetOrg: 'local' }
const rows: QueriedRow[] = []
for await (const row of query({ soql: 'SELECT LastName FROM Lead', options })) rows.push(row)
console.log(JSON.stringify(rows))
`
    writeFileSync(join(folder, 'use.mts'), use)
    mkdirSync(join(folder, 'node_modules/@types'))
    for (const name of readdirSync('node_modules/@types').filter((each) => each === 'node')) {
      symlinkSync(resolve('node_modules/@types', name), join(folder, 'node_modules/@types', name))
    }
    symlinkSync(resolve('node_modules/undici-types'), join(folder, 'node_modules/undici-types'))
    const tsc = resolve('node_modules/typescript/bin/tsc')
    const flags = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node', 'use.mts']
    const compiled = run(tsc, ...flags)
    expect({ status: compiled.status, stdout: compiled.stdout }).toEqual({ status: 0, stdout: '' })
    expect(run('use.mjs')).toMatchObject({ status: 0, stdout: '[{"LastName":"A"}]\n' })

    const [, example = ''] = /^```js\n([\s\S]*?)^```$/m.exec(readFileSync('docs/library.md', 'utf8')) ?? []
    writeFileSync(join(folder, 'example.mjs'), example)
    cpSync('examples/accounts.csv', join(folder, 'accounts.csv'))
    const shown = run('example.mjs')
    expect({ status: shown.status, stderr: shown.stderr }).toEqual({ status: 0, stderr: '' })
    expect(shown.stdout).toMatch(/^35 accounts\.errors\.csv\n/)
  })
})

describe.skipIf(isOffline)('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-packed-'))
  let tarball: string

  beforeAll(() => {
    execFileSync(process.execPath, [npm, 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder])
    tarball = join(folder, readdirSync(folder)[0] ?? '')
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(
    versions.filter(({ node }) => node !== undefined),
  )('is installed in an empty folder by Node $major without a word of warning, and works there', {
    timeout: 120_000,
  }, ({ node = '' }) => {
    const place = privateFolder()
    const path = `${dirname(node)}${delimiter}${process.env.PATH}`
    const home = { HOME: place, SFBULK_HOME: join(place, 'home'), SFBULK_KEYCHAIN: 'none' }
    const words = [npm, 'install', '--global', '--prefix', place, '--no-audit', '--no-fund', tarball]
    const installed = spawnSync(node, words, { cwd: place, encoding: 'utf8', env: { ...process.env, PATH: path } })
    expect(installed).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\nadded \d packages? in \d/) })
    // What npm says of the settings of this machine is none of the package's.
    expect(installed.stderr.replaceAll(/^npm warn Unknown (user|env|project) config.*\n/gm, '')).toBe('')

    const program = join(place, process.platform === 'win32' ? 'sfbulk.cmd' : 'bin/sfbulk')
    const run = (...line: string[]) => {
      const env = { PATH: path, ...home }
      const { status, stdout, stderr } = spawnSync(program, line, { cwd: place, encoding: 'utf8', env })
      return { line, status, stdout, stderr }
    }
    for (const { name } of commands) {
      expect(run(...name.split(' '), '--help')).toMatchObject({ status: 0, stderr: '' })
    }
    writeFileSync(join(place, 'leads.csv'), 'LastName,Company\nA,One\nB,\n')
    const loaded = run('insert', 'Lead', 'leads.csv', '-o', 'local', '-q')
    expect(loaded).toMatchObject({ status: 3, stdout: '', stderr: '' })
    const queried = run('query', 'SELECT LastName, Company FROM Lead', '-o', 'local', '-q')
    expect(queried).toMatchObject({ status: 0, stdout: '"LastName","Company"\n"A","One"\n', stderr: '' })
  })
})

/** The script of npm, so that any Node can run it. */
function findNpm(): string {
  const named = process.env.npm_execpath
  if (named?.endsWith('npm-cli.js')) return named
  const places = (process.env.PATH ?? '').split(delimiter)
  const found = places.map((place) => join(place, 'npm')).find((file) => spawnSync(file, ['--version']).status === 0)
  return found === undefined ? '' : realpathSync(found)
}
