import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { privateFolder } from '../support/run.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

describe('the package', () => {
  let files: readonly string[]

  beforeAll(() => {
    for (const script of ['scripts/build.js', 'scripts/types.js']) execFileSync(process.execPath, [script])
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
