// Makes a fresh clone ready with plain Node and npm: installs packages that are missing or of another version than the
// lock says, and builds what is older than its source. Does nothing the second time.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export function prepare() {
  if (!isInstalled()) {
    console.error('Installing packages (npm ci) …')
    // The names differ: on Windows npm is a script that only a shell can start.
    runOrExit('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' })
  }
  runOrExit(process.execPath, ['scripts/build.js', '--if-stale'])
}

/** Compares npm's own note of what it has installed with the lock. Packages for other platforms are rightly missing. */
function isInstalled() {
  const wanted = readPackages('package-lock.json')
  const installed = readPackages('node_modules/.package-lock.json')
  if (installed === undefined) return false
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const found = installed[path]
    return path === '' || (found === undefined ? optional === true : found.version === version)
  })
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(`${root}/${file}`, 'utf8')).packages
  } catch {
    return undefined
  }
}

function runOrExit(command, words, options = {}) {
  const { status } = spawnSync(command, words, { cwd: root, stdio: ['ignore', 2, 2], ...options })
  if (status !== 0) {
    console.error(`${command} ${words.join(' ')} failed`)
    process.exit(status ?? 1)
  }
}
