// `npm run executable`: makes one file of the program and the Node that runs this script, executable/sfbulk, by Node's own
// means for that (https://nodejs.org/api/single-executable-applications.html). What follows `--` is another place for it.
//
// The file holds a small main script, which answers `--version` and `--help`, and as assets the program and the thread of the
// local org, each a bundle beside the code that V8 makes of it, and the native addons of this platform.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Script } from 'node:vm'
import { inject } from 'postject'
import { bundle } from './bundle.js'
import { wrapBundle } from './executable/carried.cjs'
import { helpPlugin } from './help-texts.js'
import { kernelPlugin } from './kernel.js'
import { root } from './prepare.js'

const target = resolve(process.argv[2] ?? `executable/sfbulk${process.platform === 'win32' ? '.exe' : ''}`)
process.chdir(root)
const folder = mkdtempSync(join(tmpdir(), 'sfbulk-executable-'))
const assets = {}
try {
  await writeBundle('command-line', `export { runCommandLine } from ${quotePath('src/command-line.ts')}`)
  await writeBundle('local-org-thread', `import ${quotePath('src/local-org/thread.ts')}`)
  assets['local-org-thread'] = write('thread.js', await bundleToOne(openerOf('local-org-thread'), []))
  const start = `import { main } from ${quotePath('src/main.ts')}
process.exitCode = 1
main(process.argv.slice(2)).then((code) => { process.exitCode = code })`
  const program = virtualModule('./command-line.ts', openerOf('command-line'))
  await makeExecutable(write('main.cjs', await bundleToOne(start, [helpPlugin(), program])))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${target}: ${Math.round(statSync(target).size / 1e6)} MB, with Node ${process.versions.node}`)

/** Bundles an entry into assets of that name: its source, V8's code of it, and the addons that it opens. */
async function writeBundle(name, entry) {
  const code = escapeText(await bundleToOne(entry, [kernelPlugin(), addonPlugin()]))
  assets[`${name}.cjs`] = write(`${name}.cjs`, code)
  const script = new Script(wrapBundle(code), { filename: `${name}.cjs` })
  assets[`${name}.cache`] = write(`${name}.cache`, script.createCachedData())
}

/** As CommonJS without other files, which is what an executable takes. */
async function bundleToOne(entry, plugins) {
  const input = 'sfbulk:entry'
  const [file] = await bundle({ input, plugins: [virtualModule(input, entry), ...plugins] }, { codeSplitting: false })
  return file.code
}

/** The code of a module that runs a bundle which the executable carries. */
function openerOf(name) {
  return `import { openBundle } from ${quotePath('scripts/executable/carried.cjs')}
export const { runCommandLine } = openBundle('${name}')`
}

function virtualModule(name, code) {
  return {
    name,
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? { code, moduleType: 'js' } : undefined),
  }
}

/** Native addons become assets. That of libsql is chosen by the platform, now and not in the executable. */
function addonPlugin() {
  const libsql = createRequire(createRequire(import.meta.url).resolve('libsql'))
  const platform = libsql('@neon-rs/load').currentTarget()
  const loader = join('src', 'sqlite', 'load-libsql.ts')
  const opener = JSON.stringify(resolve('scripts/executable/carried.cjs'))
  return {
    name: 'addons',
    transform: (code, id) => {
      return id.endsWith('/libsql/index.js') ? code.replace('`@libsql/${target}`', `'@libsql/${platform}'`) : undefined
    },
    load(id) {
      // The module that loads the addon when it is needed asks Node for it, which finds no packages within an executable.
      if (id.endsWith(loader)) return { code: `exports.loadLibsql = () => require('libsql')`, moduleType: 'js' }
      if (!id.endsWith('.node')) return undefined
      const name = `${basename(dirname(id))}.node`
      assets[name] = id
      return { code: `module.exports = require(${opener}).openAddon('${name}')`, moduleType: 'js' }
    },
  }
}

/** Puts the script and the assets into a copy of this Node. */
async function makeExecutable(main) {
  const blob = join(folder, 'executable.blob')
  // By its name alone: it stands in the stack of an error.
  const config = { main: basename(main), output: blob, assets, disableExperimentalSEAWarning: true }
  run(process.execPath, '--experimental-sea-config', write('config.json', JSON.stringify(config)))
  mkdirSync(dirname(target), { recursive: true })
  const made = `${target}.${process.pid}`
  copyFileSync(process.execPath, made)
  chmodSync(made, 0o755)
  // A signature does not outlive the change; macOS runs nothing without one.
  if (process.platform === 'darwin') run('codesign', '--remove-signature', made)
  await inject(made, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    ...(process.platform === 'darwin' && { machoSegmentName: 'NODE_SEA' }),
  })
  if (process.platform === 'darwin') run('codesign', '--sign', '-', made)
  renameSync(made, target)
}

/** Characters beyond ASCII as escapes, wherever they stand: V8 then holds the source as bytes. */
function escapeText(code) {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function quotePath(path) {
  return JSON.stringify(resolve(path))
}

function write(name, content) {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function run(program, ...words) {
  const { status, stderr } = spawnSync(program, words, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed: ${stderr}`)
}
