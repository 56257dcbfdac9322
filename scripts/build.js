// Bundles src/ into dist/: one entry for the program, one for other programs, one for the thread of the local org, everything behind import()
// in files of its own, so that a start reads little. What answers `--version` and `--help` is CommonJS: Node needs a third of
// its own start to make modules of the other kind ready.
// Native code cannot be bundled: libsql and the keychain stay dependencies that are resolved at run time.
// Files are replaced one by one under their final names, so that a program that runs meanwhile, or a second build, does
// no harm. `--if-stale` does nothing when no source is newer than the last build.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { helpPlugin } from './help-texts.js'
import { kernelPlugin } from './kernel.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const sources = ['src', 'assembly', 'package.json', 'package-lock.json', 'scripts']
if (!process.argv.includes('--if-stale') || isStale()) await build()

async function build() {
  const began = new Date()
  const output = [...(await bundleProgram()), ...(await bundleStart())]

  mkdirSync('dist', { recursive: true })
  // Entries last: what they import is there by then.
  const files = output.sort((one, other) => Number(one.isEntry ?? false) - Number(other.isEntry ?? false))
  for (const file of files) {
    const temporary = join('dist', `.${process.pid}-${file.fileName}`)
    writeFileSync(temporary, file.type === 'chunk' ? file.code : file.source)
    renameSync(temporary, join('dist', file.fileName))
  }
  writeFileSync(join('dist', 'built.txt'), began.toISOString())
  const wanted = new Set([...files.map((file) => file.fileName), 'built.txt', 'types'])
  for (const name of readdirSync('dist')) {
    // Another build's unfinished file begins with a dot.
    if (!wanted.has(name) && !name.startsWith('.')) rmSync(join('dist', name), { recursive: true, force: true })
  }
}

async function bundleProgram() {
  return await bundle({
    input: {
      'command-line': 'src/command-line.ts',
      library: 'src/library/library.ts',
      'local-org-thread': 'src/local-org/thread.ts',
    },
    plugins: [kernelPlugin()],
    external: ['libsql', '@napi-rs/keyring'],
    // What jsforce fetches with carries a URL class of its own for Nodes without one; it makes newer Nodes print a warning.
    resolve: { alias: { 'whatwg-url': 'node:url' } },
    format: 'esm',
    extension: 'js',
  })
}

async function bundleStart() {
  const commandLine = {
    name: 'sfbulk:command-line',
    resolveId: (id) => (id === './command-line.ts' ? { id: './command-line.js', external: true } : undefined),
  }
  return await bundle({
    input: { main: 'src/main.ts' },
    plugins: [helpPlugin(), commandLine],
    format: 'cjs',
    extension: 'cjs',
  })
}

async function bundle({ format, extension, ...input }) {
  const { rolldown } = await import('rolldown')
  const bundled = await rolldown({ platform: 'node', checks: { pluginTimings: false }, ...input })
  const { output } = await bundled.generate({
    dir: 'dist',
    format,
    minify: true,
    sourcemap: false,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name]-[hash].${extension}`,
  })
  await bundled.close()
  return output
}

function isStale() {
  const built = timeOf('dist/built.txt')
  return sources.some((source) => newest(source) > built)
}

function newest(path) {
  const times = [timeOf(path)]
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path, { recursive: true })) times.push(timeOf(join(path, entry)))
  }
  return Math.max(...times)
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
