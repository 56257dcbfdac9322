// Programs of other makers that the tests run: the Salesforce CLI, DuckDB and newer Nodes, each in a folder of its own under
// .clients/ (or $SFBULK_CLIENTS), so that nothing of them is a package of this project.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from './prepare.js'

const folder = resolve(process.env.SFBULK_CLIENTS ?? join(root, '.clients'))

/** What is installed. The CLI needs Node 22 or later, which is why it comes with one. */
export const clients = {
  'salesforce-cli': { package: '@salesforce/cli', version: '2.150.6' },
  duckdb: { package: '@duckdb/node-api', version: '1.5.6-r.1' },
  'node-22': { package: nodePackage(), version: '22.23.3' },
  'node-24': { package: nodePackage(), version: '24.21.0' },
}

/** Installs one of `clients`, unless that version is there, and returns the folder of its package. */
export function installClient(name) {
  const { package: wanted, version } = clients[name]
  const place = join(folder, name)
  const installed = join(place, 'node_modules', wanted)
  if (installedVersion(installed) !== version) {
    console.error(`Installing ${wanted} ${version} into ${place} …`)
    mkdirSync(place, { recursive: true })
    // A package file of its own keeps npm from looking for the one of this project.
    writeFileSync(join(place, 'package.json'), '{ "private": true }\n')
    // All run without the scripts of their packages: the files of Node are complete, and the CLI only checks its Node.
    const words = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', `${wanted}@${version}`]
    const { status } = spawnSync('npm', words, {
      cwd: place,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
    if (status !== 0) throw new Error(`npm ${words.join(' ')} failed in ${place}`)
  }
  return installed
}

/** The program of an installed Node. */
export function nodeProgram(installed) {
  return join(installed, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node')
}

function installedVersion(installed) {
  const file = join(installed, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

/** npm has the program of each platform as a package; the package `node` does nothing but fetch one of these. */
function nodePackage() {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
}
