// Bundles src/ into dist/.
// Files are replaced one by one under their final names, so that a program that runs meanwhile, or a second build, does
// no harm. `--if-stale` does nothing when no source is newer than the last build.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const sources = ['src', 'assembly', 'package.json', 'package-lock.json', 'scripts']
if (!process.argv.includes('--if-stale') || isStale()) await build()

async function build() {
  const { bundleProgram, bundleStart } = await import('./bundle.js')
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
